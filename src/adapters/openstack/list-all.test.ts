import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
import { openCloud, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;
let front: Front;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  front = await startFront(simulated.access.authUrl);
});

afterEach(async () => {
  await front.close();
  await simulated.close();
});

/** Pages of one keypair each, every one with a link to the next. */
function answerPages(pages: number): void {
  let page = 0;
  front.intercept = ({ line }) => {
    if (!line.includes('/os-keypairs?')) return undefined;
    page += 1;
    const keypairs = [{ keypair: { name: `sidegate-me-${page}` } }];
    return { status: 200, body: { keypairs, keypairs_links: page < pages ? [{ rel: 'next', href: 'x' }] : [] } };
  };
}

test('a long list is read to its end', async () => {
  answerPages(300);
  const cloud = openCloud({ ...simulated.access, authUrl: front.authUrl }, 100_000);

  const marked = await cloud.listMarked('me');

  expect(marked).toHaveLength(300);
});

test('a list without end is refused: part of it would look like resources that are gone', async () => {
  answerPages(Infinity);
  const cloud = openCloud({ ...simulated.access, authUrl: front.authUrl }, 100_000);

  const attempt = cloud.listMarked('me');

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: 'compute /os-keypairs: no end of the list after 500 pages',
  });
});

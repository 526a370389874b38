import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { createFeilongBackend } from '../adapters/zvm/create-feilong-backend.ts';
import type { BackendSettings } from '../domain/settings.ts';
import { plainBackend } from '../domain/testing/backends.ts';
import { publishGuestsAfter } from './publish-slot.ts';
import type { BuildContext } from './run-build.ts';

let builds: RunningBuilds;
beforeAll(async () => {
  builds = await prepareRunningBuilds();
});
afterAll(() => builds.drop());

/** A build on the back end `lpar1`, whose Feilong is at `url`. */
async function buildOn(url: string): Promise<BuildContext> {
  const context = await builds.create({ jobs: {} });
  const driver = { kind: 'feilong', url, guard: undefined, deploys: 10 } as const;
  const settings = { ...context.flow.settings, backends: [{ ...plainBackend, driver } satisfies BackendSettings] };
  const backends = new Map([['lpar1', createFeilongBackend({ name: 'lpar1', url })]]);
  return { ...context, flow: { ...context.flow, settings, backends } };
}

describe('the guests that a job has left', () => {
  test('are unknown, with the reason, where Feilong cannot be reached', async () => {
    const context = await buildOn('http://127.0.0.1:9');

    await publishGuestsAfter(context);

    expect(JSON.parse(await builds.publishedFile(context, 'zvm/guests-after.json'))).toEqual({
      at: expect.any(String) as string,
      unknown: expect.stringContaining('lpar1') as string,
    });
  });

  test('keep no build waiting for a Feilong that does not answer', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const context = await buildOn(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);

    await publishGuestsAfter(context);
    silent.closeAllConnections();
    silent.close();

    expect(await builds.publishedFile(context, 'zvm/guests-after.json')).toContain('"unknown": "no answer yet"');
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onFeilong } from '../../test/flow/on-feilong.ts';
import { prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { publishGuestsAfter } from './publish-slot.ts';

let builds: RunningBuilds;
beforeAll(async () => {
  builds = await prepareRunningBuilds();
});
afterAll(() => builds.drop());

describe('the guests that a job has left', () => {
  test('are unknown, with the reason, where Feilong cannot be reached', async () => {
    const context = onFeilong(await builds.create({ jobs: {} }), 'http://127.0.0.1:9');

    await publishGuestsAfter(context);

    expect(JSON.parse(await builds.publishedFile(context, 'zvm/guests-after.json'))).toEqual({
      at: expect.any(String) as string,
      unknown: expect.stringContaining('lpar1') as string,
    });
  });

  test('keep no build waiting for a Feilong that does not answer', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const context = onFeilong(
      await builds.create({ jobs: {} }),
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    );

    await publishGuestsAfter(context);
    silent.closeAllConnections();
    silent.close();

    expect(await builds.publishedFile(context, 'zvm/guests-after.json')).toContain('"unknown": "no answer yet"');
  });
});

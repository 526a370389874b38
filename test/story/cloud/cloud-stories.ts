import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { asCi } from '../world/cloud-under-test.ts';
import { bootStories, noHostStories } from './boot-stories.ts';
import { brokenBootStories } from './broken-boot-stories.ts';
import { clientStories } from './client-stories.ts';
import { leftoverStories } from './leftover-stories.ts';
import { poolStories } from './pool-stories.ts';
import { sampleStories } from './sample-stories.ts';

type Stories = (cloud: () => CloudUnderTest) => void;

/** Servers from their order to their end. */
export const serverStories: readonly Stories[] = [
  bootStories,
  noHostStories,
  brokenBootStories,
  poolStories,
  leftoverStories,
  clientStories,
  sampleStories,
];

/** Stories about the cloud that are the same on the simulator and on a real OpenStack. */
export function cloudStories(name: string, start: () => Promise<CloudUnderTest>, stories: readonly Stories[]): void {
  describe(name, () => {
    let cloud: CloudUnderTest | undefined;
    const current = () => cloud!;
    beforeAll(async () => {
      cloud = await start();
    });
    afterAll(() => cloud?.stop());

    for (const story of stories) story(current);

    test('is left as it was: no server, no port of ours', async () => {
      const user = await asCi(current());

      const { servers } = await user.ask<{ servers: readonly object[] }>('compute', 'GET /servers/detail');
      const { ports } = await user.ask<{ ports: readonly { description: string }[] }>('network', 'GET /v2.0/ports');

      expect(servers).toEqual([]);
      expect(ports.filter(({ description }) => description.includes('sidegate_owner'))).toEqual([]);
    });
  });
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { commented, nothing, remains, until } from '../world/look.ts';
import { setQuota } from '../world/cloud-under-test.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { labelOf, noticesOf, serversOf } from './cloud-stage.ts';

/** Builds on servers that are booted for them. */
export function bootStories(cloud: () => CloudUnderTest): void {
  describe('builds on servers booted for them', () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({
        cloud: cloud(),
        configuration: {
          // The first zone does not exist: every boot has to find the second one.
          labels: [labelOf(cloud(), { availability_zones: ['nowhere', cloud().zones[0]!] })],
        },
      });
      await world.startSidegate();
    });
    afterAll(() => world.stop());

    test('a good and a bad change get their votes, and nothing is left', async () => {
      const good = await world.push({ guests: 1 });
      const bad = await world.push({ tests: { 'a.test': 'fail' } });

      const votes = [(await commented(world, good)).verified, (await commented(world, bad)).verified];
      const left = await gone(world);

      expect(votes).toEqual([1, -1]);
      expect(left).toEqual(nothing);
    });

    test('a zone that takes no server is left for the next one, without an attempt of the build', async () => {
      const servers = await serversOf(world);
      const { rows } = await world.database.pool.query(`select distinct attempt from builds`);

      expect(servers.map(({ zone }) => zone)).toContain('nowhere');
      expect(servers.filter(({ zone, state }) => zone === 'nowhere' && state !== 'deleted')).toEqual([]);
      expect(rows).toEqual([{ attempt: 1 }]);
    });

    test('a server that is not needed any more while it boots is deleted', async () => {
      const first = await world.push({ seconds: 5 });
      await until(
        () => serversOf(world),
        (servers) => servers.some(({ state, nova_id: id }) => state === 'building' && id !== null),
      );
      const second = await world.push({}, first);

      const { comments } = await commented(world, second);
      const left = await gone(world);

      expect(comments.map(({ patchset }) => patchset)).toEqual([2]);
      expect(left).toEqual(nothing);
    });
  });
}

/** Nova takes the order and finds no host. */
export function noHostStories(cloud: () => CloudUnderTest): void {
  describe('a flavor no host can hold', () => {
    let world: World;
    beforeAll(async () => {
      await setQuota(cloud(), { cores: -1, ram: -1 });
      world = await startWorld({
        cloud: cloud(),
        configuration: { labels: [labelOf(cloud(), { flavor: cloud().flavorTooBig })] },
      });
      await world.startSidegate();
    });
    afterAll(() => world.stop());

    test('is an infrastructure failure without a vote, and the operator reads what Nova says', async () => {
      const pushed = await world.push({});

      const { verified, comments } = await commented(world, pushed, 1, 180_000);
      const notices = await noticesOf(world);

      expect([verified, comments.length]).toEqual([0, 1]);
      expect(comments[0]?.message).toContain('NODE_FAILURE');
      expect(notices.map(({ text }) => text).join('\n')).toContain('No valid host');
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

/** Waits until nothing is left, for as long as a deletion may take. */
export function gone(world: World) {
  return until(
    () => remains(world),
    (left) => JSON.stringify(left) === JSON.stringify(nothing),
    120_000,
  );
}

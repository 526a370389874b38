import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { commented, until } from '../world/look.ts';
import { asCi, setQuota } from '../world/cloud-under-test.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { labelOf, serversOf, waitingReasons } from './cloud-stage.ts';

/** Servers kept ready, and a quota in the way. */
export function poolStories(cloud: () => CloudUnderTest): void {
  describe('a pool of ready servers', () => {
    let world: World;
    beforeAll(async () => {
      await setQuota(cloud(), { instances: 3, cores: -1, ram: -1 });
      world = await startWorld({
        cloud: cloud(),
        slots: 4,
        configuration: { labels: [labelOf(cloud(), { min_ready: 2, max: 4 })] },
      });
      await world.startSidegate();
    });
    afterAll(async () => {
      await emptyPool(world);
      await world.stop();
      await setQuota(cloud(), { instances: 10 });
    });

    test('has its servers ready before a change comes, and fills up after', async () => {
      const ready = await poolOf(world, 2);
      const pushed = await world.push({});

      const { verified } = await commented(world, pushed);
      const used = (await serversOf(world)).find(({ build }) => build !== null);

      expect(verified).toBe(1);
      expect(ready.map(({ name }) => name)).toContain(used?.name);
      await poolOf(world, 2);
    });

    test('a server that somebody deleted is noticed and replaced before a build gets it', async () => {
      const [victim] = await poolOf(world, 2);
      const user = await asCi(cloud());
      await user.ask('compute', `DELETE /servers/${victim!.nova_id}`);
      await until(
        () => user.call('compute', `GET /servers/${victim!.nova_id}`),
        ({ status }) => status === 404,
      );

      const lost = await until(
        () => serversOf(world),
        (servers) => servers.some(({ name, state }) => name === victim!.name && state !== 'ready'),
        120_000,
      );

      expect(lost.find(({ name }) => name === victim!.name)?.error_code).toBe('server-lost');
      await poolOf(world, 2);
    });

    test('more builds than the quota allows wait with the quota as their reason, and all get their votes', async () => {
      await poolOf(world, 2);
      const pushed = [];
      for (let n = 0; n < 4; n += 1) pushed.push(await world.push({ seconds: 8 }));
      const reasons = await until(
        () => waitingReasons(world),
        (all) => all.some((reason) => reason.includes('quota')),
      );

      const votes = await Promise.all(pushed.map(async (one) => (await commented(world, one, 1, 180_000)).verified));
      const refused = (await serversOf(world)).filter(({ error_code: code }) => code === 'cloud-quota');

      expect(votes).toEqual([1, 1, 1, 1]);
      expect(reasons.find((reason) => reason.includes('quota'))).toMatch(/quota of ci-cloud: 3 of 3 servers in use/);
      expect(refused).toEqual([]);
    });
  });
}

function poolOf(world: World, count: number) {
  return until(
    async () => (await serversOf(world)).filter(({ state, build }) => state === 'ready' && build === null),
    ({ length }) => length === count,
    120_000,
  );
}

/** A pool fills up for ever: the stories after this one want the cloud for themselves. */
async function emptyPool(world: World): Promise<void> {
  await world.stopSidegates();
  const { rows } = await world.database.pool.query<{ id: string }>(`select id from installation`);
  await until(
    async () => {
      const marked = await world.cloudClient.listMarked(rows[0]!.id);
      for (const resource of marked) await world.cloudClient.deleteMarked(resource);
      return marked.length;
    },
    (left) => left === 0,
    120_000,
  );
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gone } from '../../test/story/cloud/boot-stories.ts';
import { labelOf, serversOf, waitingReasons } from '../../test/story/cloud/cloud-stage.ts';
import type { CloudUnderTest } from '../../test/story/world/cloud-under-test.ts';
import { commented, nothing, until } from '../../test/story/world/look.ts';
import { startWorld } from '../../test/story/world/world.ts';
import type { World } from '../../test/story/world/world.ts';
import type { RealOpenstack } from './start-openstack.ts';

/** Until a circuit breaker that opened tries again, and the builds have run (ms). */
const patience = 300_000;
const limit = { timeout: 2 * patience };

/** Services of the cloud killed in the middle of it all. */
export function outageStories(cloud: () => CloudUnderTest, openstack: RealOpenstack): void {
  describe('services that are killed and started again', () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await world.startSidegate();
    });
    afterAll(() => world.stop());

    test(
      'without Nova a running build goes on and gets its vote; its server is deleted when Nova is back',
      limit,
      async () => {
        const pushed = await world.push({ seconds: 6, guests: 1 });
        await until(
          () => serversOf(world),
          (servers) => servers.some(({ state, build }) => state === 'ready' && build !== null),
        );

        await openstack.kill('nova-api');
        const { verified } = await commented(world, pushed);
        const meanwhile = (await serversOf(world)).map(({ state }) => state);
        await openstack.start('nova-api');

        expect(verified).toBe(1);
        expect(meanwhile).toContain('deleting');
        expect(await gone(world)).toEqual(nothing);
      },
    );

    test('without Keystone new builds wait and say so, and get their votes when it is back', limit, async () => {
      await openstack.kill('keystone');
      const pushed = [await world.push({}), await world.push({})];
      // Started again whatever comes: the stories after this one need it.
      const reasons = await outOfOrder(world).catch(String);
      await openstack.start('keystone');
      const votes = await Promise.all(pushed.map(async (one) => (await commented(world, one, 1, patience)).verified));

      expect(String(reasons)).toContain('ci-cloud is out of order');
      expect(votes).toEqual([1, 1]);
      expect(await gone(world)).toEqual(nothing);
    });

    test('with nova-compute killed while servers boot, the builds still end with their votes', limit, async () => {
      const pushed = await world.push({});
      await until(
        () => serversOf(world),
        (servers) => servers.some(({ state, nova_id: id }) => state === 'building' && id !== null),
      );

      await openstack.kill('nova-compute-a');
      await openstack.start('nova-compute-a');
      const { verified } = await commented(world, pushed, 1, patience);

      expect(verified).toBe(1);
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

/** What builds wait for, once they wait for the cloud. */
function outOfOrder(world: World): Promise<readonly string[]> {
  return until(
    () => waitingReasons(world),
    (all) => all.some((reason) => reason.includes('ci-cloud is out of order')),
    patience,
  );
}

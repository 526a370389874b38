import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelOf, serversOf } from '../../test/story/cloud/cloud-stage.ts';
import type { CloudUnderTest } from '../../test/story/world/cloud-under-test.ts';
import { commented, until } from '../../test/story/world/look.ts';
import { startWorld } from '../../test/story/world/world.ts';
import type { World } from '../../test/story/world/world.ts';
import { runOpenstackClient } from './openstack-client.ts';
import type { RealOpenstack } from './start-openstack.ts';

interface Listed {
  readonly ID: string;
  readonly Name: string;
  readonly Status?: string;
}

/** OpenStack's own command-line client looks at what sidegate says exists. */
export function clientStories(cloud: () => CloudUnderTest, openstack: RealOpenstack): void {
  describe('the command-line client of OpenStack', () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await world.startSidegate();
    });
    afterAll(() => world.stop());

    test('sees the servers and ports that sidegate says exist, and none when it says there are none', async () => {
      const pushed = await world.push({ seconds: 10 });
      const [own] = await until(
        async () => (await serversOf(world)).filter(({ state }) => state === 'ready'),
        ({ length }) => length === 1,
      );

      const servers = await runOpenstackClient<Listed[]>(openstack, 'server', 'list');
      const ports = await runOpenstackClient<Listed[]>(openstack, 'port', 'list', '--server', own!.nova_id!);
      await commented(world, pushed);
      await until(
        () => serversOf(world),
        (all) => all.every(({ state }) => state === 'deleted'),
      );
      const afterwards = await runOpenstackClient<Listed[]>(openstack, 'server', 'list');

      expect(servers.map(({ ID, Name, Status }) => [ID, Name, Status])).toEqual([[own!.nova_id, own!.name, 'ACTIVE']]);
      expect(ports).toHaveLength(1);
      expect(afterwards).toEqual([]);
    });
  });
}

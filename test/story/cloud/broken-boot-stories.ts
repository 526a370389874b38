import { afterEach, describe, expect, test } from 'vitest';
import type { BrokenBoot, CloudUnderTest } from '../world/cloud-under-test.ts';
import { configure } from '../world/faults.ts';
import { commented, nothing, until } from '../world/look.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { gone } from './boot-stories.ts';
import { labelOf, noticesOf, serversOf } from './cloud-stage.ts';

/** Real servers show their host keys within seconds; what shall time out needs no longer than that. */
const timeouts = { boot_timeout: '25s', ssh_timeout: '5s', boot_attempts: 1 };

const troubles: readonly { how: BrokenBoot; title: string; timeouts: object; reason: string; isActive: boolean }[] = [
  {
    how: 'hang',
    title: 'that stay in BUILD',
    timeouts: { ...timeouts, boot_timeout: '10s' },
    reason: 'waited for the server to be ACTIVE with an address',
    isActive: false,
  },
  {
    how: 'no-ssh',
    title: 'that show a host key and let nobody in',
    timeouts,
    reason: 'waited for an SSH login',
    isActive: true,
  },
];

/** Nova takes the order, and no server comes of it. */
export function brokenBootStories(cloud: () => CloudUnderTest): void {
  describe('servers', () => {
    let world: World;
    afterEach(async () => {
      await cloud().mendBoots();
      await world.stop();
    });

    /** A world whose servers do not boot, with one attempt for each build. */
    async function open(how: BrokenBoot, limits: object): Promise<void> {
      const label = labelOf(cloud(), { ...limits, ...(await cloud().breakBoots(how)) });
      world = await startWorld({ cloud: cloud(), configuration: { labels: [label] } });
      await configure(world, ({ jobs }) => {
        for (const job of jobs) job.attempts = 1;
      });
    }

    test.each(troubles)(
      '$title are given up in time: the build is an infrastructure failure, the page says why, and nothing is left',
      async ({ how, timeouts: limits, reason, isActive }) => {
        await open(how, limits);
        const sidegate = await world.startSidegate();
        const pushed = await world.push({});

        const { verified, comments } = await commented(world, pushed, 1, 180_000);
        const page = await (await fetch(sidegate.ready.url)).text();
        const { rows } = await world.database.pool.query<{ active: boolean }>(
          `select distinct active_at is not null as active from servers`,
        );

        expect([verified, comments.length]).toEqual([0, 1]);
        expect(comments[0]?.message).toContain('NODE_FAILURE');
        expect(new Set((await serversOf(world)).map(({ error_code: code }) => code))).toEqual(
          new Set(['server-boot-timeout']),
        );
        expect(rows).toEqual([{ active: isActive }]);
        expect(page).toContain(reason);
        expect((await noticesOf(world)).find(({ code }) => code === 'server-boot-failed')?.text).toContain(reason);
        expect(await gone(world)).toEqual(nothing);
      },
    );

    test('that are not there yet when sidegate is told to stop are given up by the next start', async () => {
      await open('hang', { ...timeouts, boot_timeout: '10s' });
      await world.startSidegate();
      const pushed = await world.push({});
      await until(
        () => serversOf(world),
        (servers) => servers.some(({ nova_id: id }) => id !== null),
      );

      await world.stopSidegates();
      await world.startSidegate();
      const { comments } = await commented(world, pushed, 1, 180_000);

      expect(comments[0]?.message).toContain('NODE_FAILURE');
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

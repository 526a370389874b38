import { afterEach, describe, expect, test } from 'vitest';
import { gone } from './cloud/boot-stories.ts';
import { labelOf, noticesOf, serversOf } from './cloud/cloud-stage.ts';
import { cloudFault } from './world/faults.ts';
import { commented, nothing, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const twoRegions = { region: 'RegionOne', fallbacks: [{ region: 'RegionTwo' }] };

describe('servers of a cloud in trouble', () => {
  let world: World;
  afterEach(() => world.stop());

  /** A world whose one label has these keys. */
  async function open(label: object): Promise<string> {
    world = await startWorld({ instances: 8, configuration: (cloud) => ({ labels: [labelOf(cloud, label)] }) });
    return (await world.startSidegate()).ready.url;
  }

  async function cloudsUsed(): Promise<readonly string[]> {
    const { rows } = await world.database.pool.query<{ cloud: string }>(
      `select distinct cloud from servers where build is not null order by cloud`,
    );
    return rows.map(({ cloud }) => cloud);
  }

  test('a full cloud is not asked: the next one takes the build', async () => {
    await open(twoRegions);
    await cloudFault(world, { fault: 'others', region: 'RegionOne', servers: 8 });
    await until(
      () => quotaUsed(world),
      (used) => used === 8,
    );
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed);

    expect(verified).toBe(1);
    expect(await cloudsUsed()).toEqual(['ci-cloud/RegionTwo']);
    expect((await serversOf(world)).map(({ error_code: code }) => code)).toEqual([null]);
    expect(await gone(world)).toEqual(nothing);
  });

  test('a cloud that does not answer opens its circuit breaker, which the page shows, and the next one takes the build', async () => {
    const url = await open(twoRegions);
    await cloudFault(world, { fault: 'http', region: 'RegionOne', service: 'compute', status: 503, rate: 1 });
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed, 1, 120_000);
    const page = await until(
      async () => (await fetch(url)).text(),
      (text) => text.includes('out of order'),
    );
    const notices = await noticesOf(world);
    await fetch(new URL('/simulator/faults', world.cloud.authUrl), { method: 'DELETE' });

    expect(verified).toBe(1);
    expect(page).toContain('ci-cloud/RegionOne');
    expect(notices.map(({ code, subject }) => `${code} ${subject}`)).toContain('cloud-unreachable ci-cloud/RegionOne');
    expect(await gone(world)).toEqual(nothing);
  });

  test('a server that does not boot is replaced in another region within the same attempt, and its console is kept', async () => {
    const url = await open({ ...twoRegions, boot_timeout: '10s' });
    await cloudFault(world, { fault: 'no-ssh', region: 'RegionOne', times: 1 });
    const pushed = await world.push({ guests: 1 });

    const { verified } = await commented(world, pushed);
    const { rows } = await world.database.pool.query<{ boot_log: string }>(
      `select boot_log from servers where boot_log is not null`,
    );
    const log = await fetch(`${url}/logs/${rows[0]?.boot_log}`);
    const attempts = await world.database.pool.query(`select attempt from builds`);

    expect(verified).toBe(1);
    expect(attempts.rows).toEqual([{ attempt: 1 }]);
    expect(await cloudsUsed()).toEqual(['ci-cloud/RegionOne', 'ci-cloud/RegionTwo']);
    expect(log.status).toBe(200);
    expect(await log.text()).toContain('cloud-init');
    expect(await gone(world)).toEqual(nothing);
  });

  test('a deletion that does not end is told, and ended by force', async () => {
    await open({});
    await cloudFault(world, { fault: 'stuck-delete', times: 1 });
    const pushed = await world.push({});
    await commented(world, pushed);
    await until(
      () => serversOf(world),
      ([server]) => server?.state === 'deleting',
    );

    // Eleven minutes pass for the server.
    await world.database.pool.query(`update servers set since = now() - interval '11 minutes', next_try_at = now()`);
    const left = await gone(world);

    expect(left).toEqual(nothing);
  });

  test('floating addresses and volumes are made with the server and go with it', async () => {
    await open({ networks: ['ci-net'], floating_network: 'public', volume: { size: 1 } });
    const pushed = await world.push({ guests: 1, seconds: 1 });
    const marked = await until(
      async () => {
        const { rows } = await world.database.pool.query<{ id: string }>(`select id from installation`);
        return world.cloudClient.listMarked(rows[0]!.id);
      },
      (all) => all.length >= 5,
    );

    const { verified } = await commented(world, pushed);

    expect(verified).toBe(1);
    expect(marked.map(({ kind }) => kind).toSorted()).toEqual(['floating-ip', 'keypair', 'port', 'server', 'volume']);
    expect(await gone(world)).toEqual(nothing);
  });

  test('a ready server that waited too long is replaced by a fresh one', async () => {
    await open({ min_ready: 1, max_age: '1h' });
    const [old] = await readyServers(world);

    await world.database.pool.query(`update servers set since = now() - interval '2 hours' where state = 'ready'`);
    await until(
      () => serversOf(world),
      (servers) => servers.find(({ name }) => name === old!.name)?.state === 'deleted',
    );
    const [fresh] = await readyServers(world);

    expect(fresh?.name).not.toBe(old?.name);
  });
});

function readyServers(world: World) {
  return until(
    async () => (await serversOf(world)).filter(({ state }) => state === 'ready'),
    ({ length }) => length === 1,
  );
}

async function quotaUsed({ database }: World): Promise<number | undefined> {
  const { rows } = await database.pool.query<{ capacity: { quotas: { kind: string; used: number }[] } }>(
    `select capacity from clouds where name = 'ci-cloud/RegionOne'`,
  );
  return rows[0]?.capacity.quotas.find(({ kind }) => kind === 'servers')?.used;
}

import { afterEach, describe, expect, test } from 'vitest';
import { gone } from './cloud/boot-stories.ts';
import { labelOf, noticesOf, serversOf, waitingReasons } from './cloud/cloud-stage.ts';
import { cloudFault } from './world/faults.ts';
import { commented, nothing, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import { runSidegate } from './world/run-sidegate.ts';
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
    await clearFaults(world);

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

  test('a deletion that not even force ends is told to the operator until the server is gone', async () => {
    const url = await open({});
    await cloudFault(world, { fault: 'stuck-delete', times: 1, stubborn: true });
    const pushed = await world.push({});
    await commented(world, pushed);
    const [server] = await until(
      () => serversOf(world),
      ([one]) => one?.state === 'deleting',
    );

    await world.database.pool.query(`update servers set since = now() - interval '11 minutes', next_try_at = now()`);
    const told = await until(
      () => noticesOf(world),
      (notices) => notices.some(({ code }) => code === 'server-stuck'),
    );
    const page = await (await fetch(url)).text();
    await clearFaults(world);
    const left = await gone(world);

    expect(told.find(({ code }) => code === 'server-stuck')).toMatchObject({
      subject: server!.name,
      text: expect.stringMatching(/cannot be deleted \(\d+ attempts\): the cloud still has it/),
    });
    expect(page).toContain('cannot be deleted');
    expect(left).toEqual(nothing);
    await until(
      () => noticesOf(world),
      (notices) => notices.every(({ code }) => code !== 'server-stuck'),
    );
  });

  test('a server that stays in BUILD is replaced within the same attempt, and the page says why', async () => {
    const url = await open({ ...twoRegions, boot_timeout: '10s' });
    await cloudFault(world, { fault: 'stuck-build', region: 'RegionOne', times: 1 });
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed);
    const page = await (await fetch(url)).text();
    const attempts = await world.database.pool.query(`select attempt from builds`);

    expect(verified).toBe(1);
    expect(attempts.rows).toEqual([{ attempt: 1 }]);
    expect(await cloudsUsed()).toEqual(['ci-cloud/RegionOne', 'ci-cloud/RegionTwo']);
    expect(page).toContain('waited for the server to be ACTIVE with an address');
    expect(await gone(world)).toEqual(nothing);
  });

  test('a region that is silent holds up nothing in another one: builds run there, and their servers go', async () => {
    world = await startWorld({
      apiTimeout: 60,
      configuration: (cloud) => ({
        labels: [
          labelOf(cloud, { region: 'RegionTwo' }),
          labelOf(cloud, { name: 'silent', region: 'RegionOne', min_ready: 3 }),
        ],
      }),
    });
    await world.startSidegate();
    await until(
      async () => (await serversOf(world)).filter(({ state }) => state === 'ready'),
      ({ length }) => length === 3,
    );
    await cloudFault(world, { fault: 'silence', seconds: 600, region: 'RegionOne', rate: 1 });
    // Deletions, looks and sweeps there wait for an answer from now on.
    await world.database.pool.query(
      `update servers set state = 'deleting', since = now(), next_try_at = now() where state = 'ready'`,
    );

    for (let count = 0; count < 3; count += 1) {
      const pushed = await world.push({});
      expect((await commented(world, pushed)).verified).toBe(1);
      await until(
        () => aliveIn(world, 'ci-cloud/RegionTwo'),
        (servers) => servers === 0,
        30_000,
      );
    }

    const { rows } = await world.database.pool.query<{ age: number }>(
      `select extract(epoch from now() - checked_at)::integer as age from clouds where name = 'ci-cloud/RegionTwo'`,
    );
    expect(rows[0]!.age).toBeLessThan(60);
    expect(await aliveIn(world, 'ci-cloud/RegionOne')).toBeGreaterThan(0);
  });

  test('a build that loses the last place to others waits again, and loses no attempt', async () => {
    await open({});
    await until(
      () => quotaUsed(world, 'ci-cloud'),
      (used) => used === 0,
    );
    // The last look saw room, and until somebody asks for it there is no other one.
    await world.database.pool.query(`update clouds set next_try_at = now() + interval '1 hour'`);
    await cloudFault(world, { fault: 'others', servers: 8 });
    const pushed = await world.push({});

    const [crowdedOut] = await until(
      () => waitingReasons(world),
      (reasons) => reasons.some((reason) => reason.includes('room in the cloud')),
    );
    const atFirst = await buildsOf(world);
    await cloudFault(world, { fault: 'others', servers: 0 });
    const { verified } = await commented(world, pushed);

    expect(crowdedOut).toMatch(/Quota exceeded/);
    expect(atFirst).toEqual([{ attempt: 1, state: 'queued' }]);
    expect(verified).toBe(1);
    expect(await buildsOf(world)).toEqual([{ attempt: 1, state: 'done' }]);
    expect((await serversOf(world)).filter(({ error_code: code }) => code === 'cloud-quota')).toHaveLength(1);
    expect(await gone(world)).toEqual(nothing);
  });

  test('a server of a cloud that was taken out of the configuration is told, and forgotten at the word of the operator', async () => {
    await open({});
    await world.database.pool.query(
      `insert into servers (id, cloud, label, name, state) values (gen_random_uuid(), 'old-cloud', 'small', 'sidegate-small-old', 'ready')`,
    );
    await world.stopSidegates();
    await world.startSidegate();
    const [notice] = await until(
      () => noticesOf(world),
      (notices) => notices.some(({ code }) => code === 'cloud-removed'),
    );

    const refused = await runSidegate(world, 'forget-cloud', 'ci-cloud');
    const forgotten = await runSidegate(world, 'forget-cloud', 'old-cloud');

    expect(notice).toMatchObject({ subject: 'old-cloud', text: '1 on old-cloud: sidegate-small-old' });
    expect([refused.status, refused.output]).toEqual([1, expect.stringContaining('ci-cloud is configured')]);
    expect(forgotten).toEqual({ status: 0, output: 'sidegate-small-old is forgotten.\n', errors: '' });
    expect(await noticesOf(world)).toEqual([]);
    expect(await gone(world)).toEqual(nothing);
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

async function clearFaults({ cloud }: World): Promise<void> {
  await fetch(new URL('/simulator/faults', cloud.authUrl), { method: 'DELETE' });
}

async function aliveIn({ database }: World, cloud: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*)::integer as count from servers where cloud = $1 and state <> 'deleted'`,
    [cloud],
  );
  return rows[0]!.count;
}

async function buildsOf({ database }: World) {
  const { rows } = await database.pool.query<{ attempt: number; state: string }>(`select attempt, state from builds`);
  return rows;
}

async function quotaUsed({ database }: World, cloud = 'ci-cloud/RegionOne'): Promise<number | undefined> {
  const { rows } = await database.pool.query<{ capacity: { quotas: { kind: string; used: number }[] } }>(
    `select capacity from clouds where name = $1 and capacity is not null`,
    [cloud],
  );
  return rows[0]?.capacity.quotas.find(({ kind }) => kind === 'servers')?.used;
}

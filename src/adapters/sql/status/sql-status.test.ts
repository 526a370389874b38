import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CloudCapacity } from '../../../domain/capacity.ts';
import { plainBackend } from '../../../domain/testing/backends.ts';
import { plainLabel } from '../../../domain/testing/labels.ts';
import type { Metric, StatusRead } from '../../../ports/status.ts';
import type { NewServer } from '../../../ports/server-store.ts';
import { createSampleRows, newServer, success } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';
import { createSqlStatus } from './sql-status.ts';

const archive = {
  writeAt: async () => {},
  finish: async () => {},
  remove: async () => {},
  usage: async () => 0,
  write: async () => {},
  size: async () => 0,
  read: async () => Buffer.alloc(0),
  list: async () => [],
};
const settings = {
  name: 'IBM z/VM CI',
  labels: [plainLabel],
  clouds: [{ name: 'ci', maxServers: 9, requestRate: 5, sweep: 'delete' as const }],
  backends: [plainBackend],
  racks: [{ name: 'shelf', hosts: [], reset: join(tmpdir(), 'reset.sh'), resetTimeout: 60_000 }],
};
const capacity: CloudCapacity = {
  quotas: [
    { kind: 'servers', limit: 10, used: 6 },
    { kind: 'cores', limit: -1, used: 40 },
    { kind: 'ports', limit: 5, used: 1 },
  ],
  sizes: { flavor: { cores: 4, ram: 8192 } },
};
const hold = {
  build: undefined,
  project: undefined,
  changeNumber: undefined,
  job: undefined,
  reason: 'resize hangs',
  requestedBy: 'ada',
  sshKey: 'ssh-ed25519 AAAA',
  ttl: 3_600_000,
  patience: 86_400_000,
};

let rows: SampleRows;
let status: StatusRead;

beforeEach(async () => {
  rows = await createSampleRows();
  const signals = { on: () => () => {}, send: async () => {} };
  status = createSqlStatus({ db: rows.database.pool, archive, signals, settings });
});

afterEach(() => rows.drop());

async function addServer(own: Partial<NewServer> = {}): Promise<string> {
  const id = randomUUID();
  await rows.store.insertServers([{ ...newServer(id, await rows.addProcess()), ...own }]);
  return id;
}

async function sql(text: string, values: readonly unknown[] = []): Promise<void> {
  await rows.database.pool.query(text, [...values]);
}

async function look(healthy: boolean, detail: string, seen: CloudCapacity | undefined): Promise<void> {
  await rows.store.claimCloudLook('ci');
  await rows.store.saveCloud('ci', { healthy, detail, capacity: seen, startedAt: Date.now() + 1000 });
}

function valueOf(metrics: readonly Metric[], name: string, labels: Record<string, string> = {}): number | undefined {
  const metric = metrics.find((one) => one.name === `sidegate_${name}`);
  const key = JSON.stringify(labels);
  return metric?.samples.find((sample) => JSON.stringify(sample.labels) === key)?.value;
}

describe('the clouds of the status page', () => {
  test('are there before anybody has looked at them', async () => {
    const { clouds } = await status.overview();

    expect(clouds).toMatchObject([
      { name: 'ci', kind: 'openstack', healthy: undefined, maxServers: 9, quotas: [], checkedAt: undefined },
      { name: 'shelf', kind: 'rack', healthy: undefined },
    ]);
  });

  test('tell what of the quota is ours, by the flavors of our servers, and what is used by others', async () => {
    await addServer();
    await addServer();
    await look(true, '', capacity);

    const [ci] = (await status.overview()).clouds;

    expect(ci).toMatchObject({ healthy: true, servers: 2, checkedAt: expect.stringMatching(/Z$/) });
    expect(ci?.quotas).toEqual([
      { kind: 'servers', limit: 10, ours: 2, others: 4 },
      { kind: 'cores', limit: undefined, ours: 8, others: 32 },
      { kind: 'ports', limit: 5, ours: 2, others: 0 },
    ]);
  });

  test('count a server that was ordered after the look as ours, not against the others', async () => {
    await look(true, '', capacity);
    const late = await addServer();
    await sql(`update servers set created_at = now() + interval '1 minute' where id = $1`, [late]);

    const [ci] = (await status.overview()).clouds;

    expect(ci?.quotas[0]).toEqual({ kind: 'servers', limit: 10, ours: 1, others: 6 });
  });

  test('say why one is out of order, with the quotas known before', async () => {
    await look(true, '', capacity);
    await look(false, 'no answer from Keystone', undefined);

    const [ci] = (await status.overview()).clouds;

    expect(ci).toMatchObject({ healthy: false, detail: 'no answer from Keystone' });
    expect(ci?.quotas).toHaveLength(3);
  });
});

describe('the test servers of the status page', () => {
  test('come stuck ones first, then held ones, and are counted all', async () => {
    for (let count = 0; count < 14; count += 1) await addServer();
    const [stuck, held] = [await addServer(), await addServer({ purpose: 'canary' })];
    await sql(
      `update servers set state = 'deleting', since = now() - interval '1 hour', delete_attempts = 30 where id = $1`,
      [stuck],
    );
    await sql(`update servers set state = 'held' where id = $1`, [held]);
    await rows.store.insertHold(hold);
    await sql(`update holds set state = 'holding', server = $1`, [held]);

    const { servers, serverCounts } = await status.overview();

    expect(servers).toHaveLength(12);
    expect(servers[0]).toMatchObject({ id: stuck, state: 'deleting', stuck: true, deleteAttempts: 30 });
    expect(servers[1]).toMatchObject({ id: held, state: 'held', held: { by: 'ada' } });
    expect(serverCounts).toEqual([
      { label: 'small', cloud: 'ci', state: 'building', count: 14 },
      { label: 'small', cloud: 'ci', state: 'deleting', count: 1 },
      { label: 'small', cloud: 'ci', state: 'held', count: 1 },
    ]);
  });

  test('tell those in use and those for images from those that are ready', async () => {
    await rows.addRunning();
    await addServer({ purpose: 'image' });
    await addServer();
    await sql(`update servers set state = 'ready'`);

    const { serverCounts } = await status.overview();

    expect(serverCounts.map(({ state, count }) => [state, count])).toEqual([
      ['image', 1],
      ['in use', 1],
      ['ready', 1],
    ]);
  });

  test('remember failed boots for a day, with their console', async () => {
    const [failed, old] = [await addServer({ attempt: 2, zone: 'az1' }), await addServer()];
    for (const id of [failed, old])
      await rows.store.releaseServer(id, { code: 'server-boot-timeout', detail: 'no login' });
    await rows.store.saveBootLog(failed, 'boot-failures/x.txt');
    await sql(`update servers set since = now() - interval '2 days' where id = $1`, [old]);

    const { failedBoots } = await status.overview();

    expect(failedBoots).toMatchObject([
      {
        id: failed,
        zone: 'az1',
        attempt: 2,
        code: 'server-boot-timeout',
        detail: 'no login',
        logPath: 'boot-failures/x.txt',
      },
    ]);
  });
});

test('running builds are counted beyond those that are shown', async () => {
  await rows.addRunning();
  await rows.addBuildset(['a', 'b']);

  const { totals, running, waiting } = await status.overview();

  expect([totals, running.length, waiting.length]).toEqual([{ running: 1, waiting: 2 }, 1, 2]);
  expect(await status.builds({ state: 'running', limit: 10 })).toMatchObject([{ id: running[0]?.id }]);
});

test('held servers come before wishes and those that ended, with the login', async () => {
  const ids = [await rows.store.insertHold(hold), await rows.store.insertHold(hold), await rows.store.insertHold(hold)];
  const server = await addServer();
  await sql(`update servers set address = '192.0.2.1', state = 'held' where id = $1`, [server]);
  await rows.store.endHold(ids[1]!, 'bob');
  await sql(`update holds set state = 'holding', server = $2 where id = $1`, [ids[2], server]);

  const holds = await status.holds();

  expect(holds.map(({ id, state }) => [id, state])).toEqual([
    [ids[2], 'holding'],
    [ids[0], 'waiting'],
    [ids[1], 'ended'],
  ]);
  expect(holds[0]?.login).toEqual({ user: 'zuul', address: '192.0.2.1', port: 22 });
  expect(holds[2]).toMatchObject({ endedBy: 'bob', login: undefined });
});

test('images of our own come by label and cloud, without those that are deleted', async () => {
  const add = (name: string, state: string, good: number) =>
    sql(
      `insert into images (id, label, cloud, name, state, requested_by, log_path, good_builds) values ($1, 'small', 'ci', $2, $3, 'ada', 'images/x/', $4)`,
      [randomUUID(), name, state, good],
    );
  await add('a', 'active', 4);
  await add('b', 'deleted', 0);

  expect(await status.images()).toMatchObject([{ name: 'a', state: 'active', goodBuilds: 4, logPath: 'images/x/' }]);
});

test('a build has the evidence that was written down, or none', async () => {
  const [evident, other] = await rows.addBuildset(['a', 'b']);
  const evidence = { calls: 9, created: 2, neverStarted: ['ZA000001'] };
  await sql(`update builds set evidence = $2 where id = $1`, [evident, JSON.stringify(evidence)]);

  expect((await status.build(evident!))?.evidence).toEqual(evidence);
  expect((await status.build(other!))?.evidence).toBeUndefined();
});

test('the status page and the page of back ends tell the same of them', async () => {
  expect(await status.backends()).toEqual((await status.overview()).backends);
});

describe('the metrics', () => {
  test('are all there, with zeros, when nothing has happened yet', async () => {
    const metrics = await status.metrics();

    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    expect(
      metrics.every(
        ({ name, type }) => /^sidegate_[a-z_]+$/.test(name) && name.endsWith('_total') === (type === 'counter'),
      ),
    ).toBe(true);
    expect(valueOf(metrics, 'builds', { state: 'queued' })).toBe(0);
    expect(valueOf(metrics, 'oldest_queued_build_age_seconds')).toBe(0);
    expect(valueOf(metrics, 'leftovers_deleted_total', { kind: 'port' })).toBe(0);
    expect(valueOf(metrics, 'boot_failures_total', { label: 'small' })).toBe(0);
    expect(valueOf(metrics, 'slots', { backend: 'lpar1', state: 'free' })).toBe(2);
    expect(valueOf(metrics, 'slots', { backend: 'lpar1', state: 'dirty' })).toBe(0);
  });

  test('count builds, servers, slots and what is left to do', async () => {
    const { lease } = await rows.addRunning();
    await rows.addBuildset(['waits']);
    await rows.addEvent();
    await sql(`update builds set queued_at = now() - interval '1 hour' where state = 'queued'`);
    await rows.store.saveNotice({ code: 'server-stuck', subject: 'x', text: 'x' });
    await rows.store.insertHold(hold);

    const before = await status.metrics();
    await rows.store.finishBuild(lease, success);
    const after = await status.metrics();

    expect(valueOf(before, 'builds', { state: 'running' })).toBe(1);
    expect(valueOf(before, 'oldest_queued_build_age_seconds')).toBeGreaterThanOrEqual(3600);
    expect(valueOf(before, 'servers', { label: 'small', cloud: 'ci', state: 'building' })).toBe(1);
    expect(valueOf(before, 'slots', { backend: 'lpar1', state: 'leased' })).toBe(1);
    expect(valueOf(before, 'events_undecided')).toBe(3);
    expect(valueOf(before, 'notices_open')).toBe(1);
    expect(valueOf(before, 'holds', { state: 'waiting' })).toBe(1);
    expect(valueOf(before, 'builds_finished_total', { result: 'SUCCESS' })).toBe(0);
    expect(valueOf(after, 'builds_finished_total', { result: 'SUCCESS' })).toBe(1);
    expect(valueOf(after, 'servers', { label: 'small', cloud: 'ci', state: 'deleting' })).toBe(1);
  });

  test('tell quotas, and which clouds are out of order', async () => {
    await look(true, '', capacity);
    await look(false, 'no answer', undefined);

    const metrics = await status.metrics();

    expect(valueOf(metrics, 'cloud_healthy', { cloud: 'ci' })).toBe(0);
    expect(valueOf(metrics, 'cloud_quota_used', { cloud: 'ci', kind: 'servers' })).toBe(6);
    expect(valueOf(metrics, 'cloud_quota_limit', { cloud: 'ci', kind: 'servers' })).toBe(10);
    expect(valueOf(metrics, 'cloud_quota_limit', { cloud: 'ci', kind: 'cores' })).toBeUndefined();
  });

  test('add up what the processes counted', async () => {
    await rows.store.count('leftovers_deleted', 'port', 2);
    await rows.store.count('leftovers_deleted', 'port', 3);
    await rows.store.count('boots', 'gone-label');
    const { lease } = await rows.addRunning();
    await rows.store.finishBuild(lease, { ...success, result: 'NODE_FAILURE', errorCode: 'disk-full' });

    const metrics = await status.metrics();

    expect(valueOf(metrics, 'leftovers_deleted_total', { kind: 'port' })).toBe(5);
    expect(valueOf(metrics, 'boots_total', { label: 'gone-label' })).toBe(1);
    expect(valueOf(metrics, 'infrastructure_failures_total', { code: 'disk-full' })).toBe(1);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plainBackend, plainSlots } from '../../../domain/testing/backends.ts';
import { drainBackend } from '../../../flow/drain-backend.ts';
import type { BackendRow, Metric } from '../../../ports/status.ts';
import type { MaintenanceWindow } from '../../../domain/settings.ts';
import { createSampleRows, success } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';
import { backendMetrics } from './backend-metrics.ts';
import { backends } from './backend-status.ts';

const hour = 3_600_000;
const slot = { backend: 'lpar1', prefix: 'ZA0' };

let rows: SampleRows;
let maintenance: readonly MaintenanceWindow[];

beforeEach(async () => {
  maintenance = [];
  rows = await createSampleRows();
});

afterEach(() => rows.drop());

function read(): Promise<readonly BackendRow[]> {
  return backends(rows.database.pool, { backends: [{ ...plainBackend, maintenance }] });
}

async function lpar1(): Promise<BackendRow> {
  return (await read())[0]!;
}

async function sql(text: string, values: readonly unknown[] = []): Promise<void> {
  await rows.database.pool.query(text, [...values]);
}

/** Lease of `lpar1 ZA0` by a build that has ended, swept in vain `sweeps` times. */
async function addDirty(sweeps: number): Promise<void> {
  const { lease } = await rows.addRunning();
  await rows.store.finishBuild(lease, success);
  for (let count = 0; count < sweeps; count += 1) {
    await sql(`update slots set next_try_at = now()`);
    const [claimed] = await rows.store.claimDirtySlots(1);
    await rows.store.saveSlotDetail(claimed!, { detail: 'ZA000001 is locked', pause: hour, failed: true });
  }
}

describe('back ends as they are shown', () => {
  test('are those of the configuration, with their slots', async () => {
    await rows.store.saveConfiguredSlots([{ ...plainBackend, system: 'cec1', slots: plainSlots('ZA0') }]);

    expect(await read()).toMatchObject([
      {
        name: 'lpar1',
        kind: 'shared',
        system: 'cec1',
        checkedAt: undefined,
        sickSince: undefined,
        drained: undefined,
        maintenance: undefined,
        nextMaintenance: undefined,
        room: undefined,
        slots: [{ prefix: 'ZA0', state: 'free', workerPrefix: undefined, build: undefined, guard: undefined }],
      },
    ]);
  });

  test('say who uses a slot, by which userids and through which guard', async () => {
    const { lease } = await rows.addRunning();
    const [generation] = (await rows.store.slots()).map((one) => one.generation);
    const holder = await rows.addProcess();
    await rows.store.saveGuard(
      { ...slot, generation: generation! },
      { holder, url: 'http://10.0.0.1:4000', port: 4000 },
    );

    const [used] = (await lpar1()).slots;

    expect(used).toMatchObject({
      prefix: 'ZA0',
      state: 'leased',
      generation,
      workerPrefix: `ZA0${generation}`,
      build: lease.buildId,
      change: '1000,1',
      guard: { url: 'http://10.0.0.1:4000', open: true },
    });
  });

  test('say that a guard is not open when the process that kept it is dead', async () => {
    await rows.addRunning();
    const holder = await rows.addProcess();
    await sql(`update slots set guard_holder = $1, guard_url = 'http://10.0.0.1:4000' where prefix = 'ZA0'`, [holder]);
    await sql(`update processes set ended_at = now() where id = $1`, [holder]);

    expect((await lpar1()).slots[0]?.guard).toEqual({ url: 'http://10.0.0.1:4000', open: false });
  });

  test('tell a slot that waits for its sweep from one whose sweep has failed', async () => {
    await addDirty(0);
    const [waiting] = (await lpar1()).slots;
    await sql(`update slots set state = 'free', build = null where prefix = 'ZA0'`);
    await addDirty(2);

    const [failed] = (await lpar1()).slots;

    expect(waiting).toMatchObject({ state: 'dirty', sweepAttempts: 0, nextTryAt: undefined });
    expect(failed).toMatchObject({
      state: 'quarantined',
      sweepAttempts: 2,
      detail: 'ZA000001 is locked',
      nextTryAt: expect.stringMatching(/Z$/),
    });
  });

  test('say who took one out of use and why, until somebody takes it back', async () => {
    await drainBackend(rows.store, { backend: 'lpar1', by: 'ada', reason: ' new\ndisks ' });
    const before = await lpar1();
    const wasDrained = await rows.store.resumeBackend('lpar1');

    expect(before.drained).toMatchObject({ by: 'ada', reason: 'new disks', since: expect.stringMatching(/Z$/) });
    expect(wasDrained).toBe(true);
    expect((await lpar1()).drained).toBeUndefined();
    expect(await rows.store.resumeBackend('lpar1')).toBe(false);
  });

  test('say since when one is out of order', async () => {
    await rows.store.saveBackendHealth('lpar1', { healthy: false, detail: 'no answer' });
    const sick = await lpar1();
    await rows.store.saveBackendHealth('lpar1', {
      healthy: true,
      detail: 'z/VM 7.3',
      free: { memory: 4096, disk: 80 },
    });

    const well = await lpar1();

    expect(sick).toMatchObject({ healthy: false, detail: 'no answer', sickSince: expect.stringMatching(/Z$/) });
    expect(well).toMatchObject({ healthy: true, sickSince: undefined, room: { memory: 4096, disk: 80 } });
  });

  test('never have less than no room', async () => {
    await rows.store.saveConfiguredSlots([
      { ...plainBackend, slots: plainSlots('ZA0'), worker: { memory: 9000, disk: 9 } },
    ]);
    await rows.addRunning();
    await rows.store.saveBackendHealth('lpar1', { healthy: true, detail: '', free: { memory: 4096, disk: 80 } });

    expect((await lpar1()).room).toEqual({ memory: 0, disk: 71 });
  });

  test('know the window that is open and the one that comes', async () => {
    const now = Date.now();
    maintenance = [
      { kind: 'once', from: now - hour, until: now + hour, reason: 'IPL' },
      { kind: 'once', from: now + 24 * hour, until: now + 25 * hour, reason: 'new disks' },
    ];

    const { maintenance: open, nextMaintenance: next } = await lpar1();

    expect(open).toEqual({ until: new Date(now + hour).toISOString(), reason: 'IPL' });
    expect(next).toMatchObject({ from: new Date(now + 24 * hour).toISOString(), reason: 'new disks' });
  });
});

describe('taking a back end out of use', () => {
  test('needs a reason and a name, and tells of both at once', async () => {
    const refused = drainBackend(rows.store, { backend: 'lpar1', by: '', reason: ' \n' });

    await expect(refused).rejects.toMatchObject({
      code: 'drain-refused',
      detail: 'say for what reason; say who takes it out of use.',
    });
    expect((await lpar1()).drained).toBeUndefined();
  });

  test('is for back ends that are configured', async () => {
    const refused = drainBackend(rows.store, { backend: 'lpar9', by: 'ada', reason: 'gone' });

    await expect(refused).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the metrics of back ends', () => {
  async function valueOf(name: string, labels: Record<string, string>): Promise<number | undefined> {
    const metric = backendMetrics(await read()).find((one: Metric) => one.name === `sidegate_${name}`);
    const key = JSON.stringify({ backend: 'lpar1', ...labels });
    return metric?.samples.find((sample) => JSON.stringify(sample.labels) === key)?.value;
  }

  test('tell for which reasons one gets no builds', async () => {
    const now = Date.now();
    maintenance = [{ kind: 'once', from: now - hour, until: now + hour, reason: 'IPL' }];
    await drainBackend(rows.store, { backend: 'lpar1', by: 'ada', reason: 'new disks' });

    expect(await valueOf('backend_healthy', {})).toBe(1);
    expect(await valueOf('backend_closed', { reason: 'drained' })).toBe(1);
    expect(await valueOf('backend_closed', { reason: 'maintenance' })).toBe(1);
    expect(await valueOf('backend_closed', { reason: 'unhealthy' })).toBe(0);
  });

  test('count each slot once, quarantined ones apart', async () => {
    await addDirty(1);

    const states = ['free', 'leased', 'dirty', 'quarantined'];

    expect(await Promise.all(states.map((state) => valueOf('slots', { state })))).toEqual([1, 0, 0, 1]);
  });

  test('count guards that are open, and tell the room that is left where it is known', async () => {
    await rows.addRunning();
    const unknown = await valueOf('backend_memory_left_bytes', {});
    await sql(`update slots set guard_holder = $1, guard_url = 'http://10.0.0.1:4000' where prefix = 'ZA0'`, [
      await rows.addProcess(),
    ]);
    await rows.store.saveBackendHealth('lpar1', { healthy: true, detail: '', free: { memory: 2, disk: 3 } });

    expect(unknown).toBeUndefined();
    expect(await valueOf('guards_open', {})).toBe(1);
    expect(await valueOf('backend_memory_left_bytes', {})).toBe(2 * 1024 ** 2);
    expect(await valueOf('backend_disk_left_bytes', {})).toBe(3 * 1024 ** 3);
  });
});

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestResult } from '../../../domain/test-result.ts';
import { sleep } from '../../../shared/clock.ts';
import { createSampleRows, newServer, slot, success } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;

beforeEach(async () => {
  rows = await createSampleRows();
});
afterEach(() => rows.drop());

const stale = { code: 'stale-epoch' };

function testResult(changes: Partial<TestResult> = {}): TestResult {
  return { id: 'a.test', outcome: 'passed', duration: 12.4, tags: ['worker-0'], details: '', ...changes };
}

describe('a build that another process took over', () => {
  test('can be written by the new owner only; what the old one tries changes nothing', async () => {
    const { lease: old } = await rows.addRunning();
    const other = await rows.addProcess();
    const taken = await rows.store.takeBuild(old.buildId, other);
    const lease = { buildId: old.buildId, epoch: taken!.epoch };
    await rows.store.saveStep(lease, 'run', 'test');

    await expect(rows.store.saveStep(old, 'collect')).rejects.toMatchObject(stale);
    await expect(rows.store.saveTestResults(old, [testResult()])).rejects.toMatchObject(stale);
    await expect(rows.store.finishBuild(old, success)).rejects.toMatchObject(stale);

    const { rows: results } = await rows.database.pool.query(`select from test_results`);
    expect(await rows.store.findBuild(old.buildId)).toMatchObject({ state: 'running', step: 'run', phase: 'test' });
    expect(results).toEqual([]);
    expect(await rows.store.runningBuildsOf(other)).toEqual([old.buildId]);
  });

  test('has a new epoch with each owner, also the same one again', async () => {
    const { lease, owner } = await rows.addRunning();

    const epochs = [];
    for (let time = 0; time < 3; time += 1) epochs.push((await rows.store.takeBuild(lease.buildId, owner))!.epoch);

    expect(epochs).toEqual([lease.epoch + 1, lease.epoch + 2, lease.epoch + 3]);
  });

  test('cannot be taken or written when it is done', async () => {
    const { lease, owner } = await rows.addRunning();
    await rows.store.finishBuild(lease, success);

    const taken = await rows.store.takeBuild(lease.buildId, owner);

    expect(taken).toBeUndefined();
    await expect(rows.store.saveStep(lease, 'run')).rejects.toMatchObject(stale);
    await expect(rows.store.saveTestResults(lease, [])).rejects.toMatchObject(stale);
    await expect(rows.store.finishBuild(lease, { ...success, result: 'ERROR' })).rejects.toMatchObject(stale);
    expect(await rows.store.findBuild(lease.buildId)).toMatchObject({ verdict: { result: 'SUCCESS' } });
  });

  test('two processes that take it at once get two epochs, and one of them may write', async () => {
    const { lease } = await rows.addRunning();
    const processes = [await rows.addProcess(), await rows.addProcess()];

    const taken = await Promise.all(processes.map((id) => rows.store.takeBuild(lease.buildId, id)));
    const writes = await Promise.allSettled(
      taken.map((build) => rows.store.saveStep({ buildId: lease.buildId, epoch: build!.epoch }, 'run')),
    );

    expect(new Set(taken.map((build) => build!.epoch)).size).toBe(2);
    expect(writes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a build', () => {
  test('is started once: a second start changes nothing', async () => {
    const { lease, owner, server } = await rows.addRunning();
    const thief = await rows.addProcess();

    await rows.store.startBuilds([
      {
        buildId: lease.buildId,
        owner: thief,
        serverId: crypto.randomUUID(),
        slot: undefined,
      },
    ]);

    expect(await rows.store.findBuild(lease.buildId)).toMatchObject({ server, slot });
    expect(await rows.store.runningBuildsOf(owner)).toEqual([lease.buildId]);
  });

  test('that ends gives its server to be deleted and its slot to be swept', async () => {
    const { lease, server } = await rows.addRunning();

    await rows.store.finishBuild(lease, { ...success, reason: 'NUL \0 in it', failedTests: ['a\0b'] });

    expect(await rows.store.findServer(server)).toMatchObject({ state: 'deleting' });
    expect(await rows.store.slots()).toMatchObject([
      { prefix: 'ZA0', state: 'dirty', build: lease.buildId },
      { prefix: 'ZA1', state: 'free' },
    ]);
    expect(await rows.store.findBuild(lease.buildId)).toMatchObject({
      state: 'done',
      verdict: { ...success, reason: 'NUL \ufffd in it', failedTests: ['a\ufffdb'] },
    });
  });

  test('that is queued ends when it is cancelled, one that runs is asked to', async () => {
    const [queued = ''] = await rows.addBuildset();
    const { lease } = await rows.addRunning();

    const answers = [];
    for (const id of [queued, lease.buildId, queued, crypto.randomUUID()])
      answers.push(await rows.store.cancelBuild(id, 'The operator said so.'));

    expect(answers).toEqual([true, true, false, false]);
    expect(await rows.store.findBuild(queued)).toMatchObject({ state: 'done', verdict: { result: 'ABORTED' } });
    expect(await rows.store.findBuild(lease.buildId)).toMatchObject({
      state: 'running',
      cancelReason: 'The operator said so.',
    });
    expect(await rows.store.queuedBuilds(10)).toEqual([]);
  });

  test('keeps what a hostile test stream tells, within the limits of the database, and once', async () => {
    const { lease } = await rows.addRunning();
    const hostile = [
      testResult({ duration: 4.2e12 }),
      testResult({ id: '<b>\u202e', details: 'NUL \0', tags: ["'; --"] }),
      ...Array.from({ length: 25_000 }, (_, n) => testResult({ id: `flood.${n}`, duration: undefined })),
    ];

    await rows.store.saveTestResults(lease, hostile);
    await rows.store.saveTestResults(lease, hostile);
    const { rows: first } = await rows.database.pool.query(
      `select id, duration, details from test_results order by ordinal limit 3`,
    );
    const { rows: count } = await rows.database.pool.query(`select count(*)::integer as n from test_results`);

    expect(first).toEqual([
      { id: 'a.test', duration: 2_147_483_647, details: '' },
      { id: '<b>\u202e', duration: 12, details: 'NUL \ufffd' },
      { id: 'flood.0', duration: null, details: '' },
    ]);
    expect(count).toEqual([{ n: 20_000 }]);
  });

  test('waits with a reason that is told, in the order of priority and age', async () => {
    const [first = ''] = await rows.addBuildset();
    const [second = ''] = await rows.addBuildset();
    await rows.store.saveWaiting([{ buildId: first, reason: 'a slot on lpar1' }]);

    const queued = await rows.store.queuedBuilds(10);
    const { rows: waiting } = await rows.database.pool.query(`select waiting_for from builds where id = $1`, [first]);

    expect(queued.map(({ id }) => id)).toEqual([first, second]);
    expect(waiting).toEqual([{ waiting_for: 'a slot on lpar1' }]);
  });
});

describe('a build that goes back to the queue', () => {
  test('gives server and slot back and waits, with the same attempt and a longer pause each time', async () => {
    const { lease, owner, server } = await rows.addRunning();
    const { pool } = rows.database;
    const pauses = [];

    for (let { epoch } = lease; epoch < 3; epoch += 1) {
      expect(await rows.store.requeueBuild({ buildId: lease.buildId, epoch }, 'room', 10_000)).toBe(true);
      const { rows: builds } = await pool.query<{ pause: number }>(
        `select round(extract(epoch from not_before - now()))::integer as pause from builds`,
      );
      pauses.push(builds[0]?.pause);
      await rows.store.startBuilds([{ buildId: lease.buildId, owner, serverId: randomUUID(), slot: undefined }]);
      await rows.store.takeBuild(lease.buildId, owner);
    }

    expect(pauses).toEqual([10, 20]);
    expect((await rows.store.findServer(server))?.state).toBe('deleting');
    expect((await rows.store.slots())[0]).toMatchObject({ state: 'dirty' });
    expect(await rows.store.findBuild(lease.buildId)).toMatchObject({ state: 'running', attempt: 1, slot: undefined });
  });

  test('stays as it is when it shall stop or another process has it', async () => {
    const { lease } = await rows.addRunning();
    const cancelled = await rows.addRunning();
    await rows.store.cancelBuild(cancelled.lease.buildId, 'cancelled');

    const requeued = [
      await rows.store.requeueBuild({ ...lease, epoch: lease.epoch - 1 }, 'room', 0),
      await rows.store.requeueBuild(cancelled.lease, 'room', 0),
    ];

    expect(requeued).toEqual([false, false]);
    expect((await rows.store.findBuild(lease.buildId))?.state).toBe('running');
    expect((await rows.store.findBuild(cancelled.lease.buildId))?.state).toBe('running');
  });
});

describe('a build that ended while its start was prepared', () => {
  async function startCancelled() {
    const owner = await rows.addProcess();
    const [buildId = ''] = await rows.addBuildset();
    const serverId = randomUUID();
    await rows.store.insertServers([newServer(serverId, owner)]);
    await rows.store.cancelBuild(buildId, 'cancelled');
    return { buildId, owner, serverId, slot };
  }

  async function look() {
    const { pool } = rows.database;
    const servers = await pool.query(`select state, build from servers`);
    const slots = await pool.query(`select state, build from slots where prefix = $1`, [slot.prefix]);
    return [...servers.rows, ...slots.rows];
  }

  test('takes neither server nor slot', async () => {
    const start = await startCancelled();

    const started = await rows.store.startBuilds([start]);

    expect(started).toEqual([]);
    expect(await look()).toEqual([
      { state: 'building', build: null },
      { state: 'free', build: null },
    ]);
  });

  test('takes nothing either when the cancel is committed while the start waits for it', async () => {
    const owner = await rows.addProcess();
    const [buildId = ''] = await rows.addBuildset();
    const serverId = randomUUID();
    await rows.store.insertServers([newServer(serverId, owner)]);

    const started = await rows.store.transaction(async (tx) => {
      await tx.cancelBuild(buildId, 'cancelled');
      const waiting = rows.store.startBuilds([{ buildId, owner, serverId, slot }]);
      await waitForLock();
      return { waiting };
    });

    expect(await started.waiting).toEqual([]);
    expect(await look()).toEqual([
      { state: 'building', build: null },
      { state: 'free', build: null },
    ]);
  });

  async function waitForLock(): Promise<void> {
    const query = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    while ((await rows.database.pool.query(query)).rows.length === 0) await sleep(10);
  }

  test('and has server and slot from an older version gives both back, once', async () => {
    const { buildId, serverId } = await startCancelled();
    const { pool } = rows.database;
    await pool.query(`update servers set build = $1`, [buildId]);
    await pool.query(`update slots set state = 'leased', build = $1, server = $2 where prefix = $3`, [
      buildId,
      serverId,
      slot.prefix,
    ]);

    const released = [await rows.store.releaseOrphans(), await rows.store.releaseOrphans()];

    expect(released).toEqual([[`sidegate-${serverId}`, 'lpar1 ZA0'], []]);
    expect(await look()).toEqual([
      { state: 'deleting', build: buildId },
      { state: 'dirty', build: buildId },
    ]);
  });

  test('leaves a build that runs and a server that is held what they have', async () => {
    const { server } = await rows.addRunning();
    const held = await rows.addRunning();
    await rows.store.finishBuild(held.lease, success);
    await rows.database.pool.query(`update servers set state = 'held' where id = $1`, [held.server]);

    const released = await rows.store.releaseOrphans();

    expect(released).toEqual([]);
    expect((await rows.store.findServer(server))?.state).toBe('building');
  });
});

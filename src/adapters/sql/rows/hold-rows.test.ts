import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Patchset } from '../../../domain/patchset.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import type { HoldLimits, NewHold } from '../../../ports/hold-store.ts';
import type { Store } from '../../../ports/store.ts';
import { sleep } from '../../../shared/clock.ts';
import { createSampleRows, slot, success } from '../testing/sample-rows.ts';
import type { Running, SampleRows } from '../testing/sample-rows.ts';
import { findHoldId } from './hold-rows.ts';

let rows: SampleRows;
let store: Store;

beforeEach(async () => {
  rows = await createSampleRows();
  ({ store } = rows);
});
afterEach(() => rows.drop());

const failure: Verdict = { ...success, result: 'FAILURE', reason: '1 of 4 tests failed.' };
const aborted: Verdict = { ...success, result: 'ABORTED' };
const hour = 3_600_000;

function wish(parts: Partial<NewHold> = {}): Promise<string> {
  const any = { build: undefined, project: undefined, changeNumber: undefined, job: undefined };
  const sshKey = 'ssh-ed25519 AAAA';
  return store.insertHold({ ...any, reason: 'why\0', requestedBy: 'ann', sshKey, ttl: hour, patience: hour, ...parts });
}

async function startReady(job?: string): Promise<Running> {
  const running = await rows.addRunning(job);
  await store.saveServerReady(running.server, '192.0.2.1', ['ssh-ed25519 HOST']);
  return running;
}

/** As the flow ends a build. */
function end({ lease }: Running, verdict = failure, limits: Partial<HoldLimits> = {}): Promise<boolean> {
  return store.transaction(async (tx) => {
    await tx.finishBuild(lease, verdict);
    return tx.holdServer(lease.buildId, !['SUCCESS', 'ABORTED'].includes(verdict.result), {
      maxServers: 2,
      maxOfLabel: 2,
      ...limits,
    });
  });
}

async function stateOf({ server }: Running): Promise<string | undefined> {
  return (await store.findServer(server))?.state;
}

async function holdOf(id: string) {
  return (await store.holds(100)).find((hold) => hold.id === id);
}

describe('a build that fails while somebody wishes its server', () => {
  test('leaves it held, its slot dirty, and the wish used up', async () => {
    const id = await wish();
    const [first, second] = [await startReady(), await startReady()];

    const held = [await end(first), await end(second)];

    expect(held).toEqual([true, false]);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['held', 'deleting']);
    expect(await holdOf(id)).toMatchObject({
      state: 'holding',
      server: first.server,
      heldBuild: first.lease.buildId,
      keyAdded: false,
      reason: 'why\ufffd',
    });
    expect((await store.claimServersToDelete('ci', 10)).map(({ id: server }) => server)).toEqual([second.server]);
    expect(await store.claimDirtySlots(10)).toEqual([]);
    expect((await store.slots())[0]).toMatchObject({ ...slot, state: 'dirty' });
  });

  test.each([
    ['all', 'project'],
    ['job', 'project and job'],
    ['project and job', 'change'],
    ['change', 'build'],
  ] as const)('is held for a wish for its %s only when there is none for its %s', async (general, specific) => {
    const build = await startReady();
    const { tested, job, id } = (await store.findBuild(build.lease.buildId))!;
    const { project, number: changeNumber } = tested as Patchset;
    const parts = { all: {}, job: { job }, project: { project }, 'project and job': { project, job } };
    const all = { ...parts, change: { changeNumber }, build: { build: id } };
    const older = await wish(all[general]);
    const newer = await wish(all[specific]);

    await end(build);

    expect([(await holdOf(older))?.state, (await holdOf(newer))?.state]).toEqual(['waiting', 'holding']);
  });

  test('is held for the oldest of equal wishes', async () => {
    const wishes = [await wish(), await wish(), await wish()];
    await end(await startReady());

    await end(await startReady());

    const states = await Promise.all(wishes.map(async (id) => (await holdOf(id))?.state));
    expect(states).toEqual(['holding', 'holding', 'waiting']);
  });

  test.each([
    ['another build', async () => ({ build: (await rows.addBuildset())[0] })],
    ['another project', async () => ({ project: 'openstack/cinder' })],
    ['another change', async () => ({ changeNumber: 1 })],
    ['another job', async () => ({ job: 'other' })],
    ['a time that is over', async () => ({ patience: -1 })],
  ])('is not held for a wish for %s', async (_, parts) => {
    await wish(await parts());
    const build = await startReady();

    const held = await end(build);

    expect([held, await stateOf(build)]).toEqual([false, 'deleting']);
  });
});

describe('not held is', () => {
  test('the server that its label must leave to builds, and the wish says so', async () => {
    const [first, second] = [await wish(), await wish()];
    await end(await startReady(), failure, { maxOfLabel: 1 });

    const held = await end(await startReady(), failure, { maxOfLabel: 1 });

    expect([held, (await holdOf(first))?.state]).toEqual([false, 'holding']);
    expect(await holdOf(second)).toMatchObject({
      state: 'waiting',
      detail: expect.stringMatching(/was not kept: 1 of small were held, and the rest of its `max` is for builds\.$/),
    });
  });

  test('a server that never was ready, is lost, or was given up before', async () => {
    await wish();
    const [booting, lost, gone] = [await rows.addRunning(), await startReady(), await startReady()];
    await store.releaseServer(gone.server, { code: 'server-lost', detail: '' });
    const broken: Verdict = { ...failure, result: 'NODE_FAILURE', errorCode: 'server-boot-failed' };

    const held = [
      await end(booting, broken),
      await end(lost, { ...broken, errorCode: 'server-lost' }),
      await end(gone, { ...broken, errorCode: 'internal' }),
    ];

    expect(held).toEqual([false, false, false]);
  });

  test.each([success, aborted])(
    'the server of a build that did not fail, unless the wish names it',
    async (verdict) => {
      await wish();
      const [other, named] = [await startReady(), await startReady()];
      await wish({ build: named.lease.buildId });

      const held = [await end(other, verdict), await end(named, verdict)];

      expect(held).toEqual([false, true]);
    },
  );

  test('one more than may be; the wish goes on waiting and says why', async () => {
    const wishes = [await wish(), await wish()];
    await end(await startReady(), failure, { maxServers: 1 });

    const held = await end(await startReady(), failure, { maxServers: 1 });

    expect(held).toBe(false);
    expect(await holdOf(wishes[1]!)).toMatchObject({
      state: 'waiting',
      detail: expect.stringMatching(/^Build [0-9a-f]{7} was not kept: all 1 of hold\.max_servers were in use\.$/),
    });
  });

  test('one more than may be when two builds end at once', async () => {
    await wish();
    await wish();
    const [first, second] = [await startReady(), await startReady()];
    let secondHeld!: Promise<boolean>;

    const firstHeld = await store.transaction(async (tx) => {
      await tx.finishBuild(first.lease, failure);
      const held = await tx.holdServer(first.lease.buildId, true, { maxServers: 1, maxOfLabel: 1 });
      secondHeld = end(second, failure, { maxServers: 1 });
      await Promise.race([secondHeld, somebodyWaits()]);
      return held;
    });

    expect([firstHeld, await secondHeld]).toEqual([true, false]);
  });
});

/** Until a transaction waits for another one. */
async function somebodyWaits(): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await rows.database.pool.query(waiting)).rowCount === 0) await sleep(10);
}

describe('a hold ends', () => {
  test('when its time is over, and only then; the server goes and its slot is swept', async () => {
    const id = await wish({ ttl: 2 * hour });
    const build = await startReady();
    await end(build);
    const early = await store.endDueHolds();
    const { until, ttl } = (await holdOf(id))!;
    await rows.database.pool.query(`update holds set until = now()`);

    const ended = await store.endDueHolds();

    const [due] = await store.claimServersToDelete('ci', 10);
    await store.saveServerDeleted(build.server);
    expect([early, ended, ttl]).toEqual([0, 1, 2 * hour]);
    expect(Math.abs(until - Date.now() - ttl)).toBeLessThan(hour);
    expect(due).toMatchObject({ id: build.server, state: 'deleting' });
    expect(await holdOf(id)).toMatchObject({ state: 'ended', endedBy: 'its time is over' });
    expect(await store.claimDirtySlots(10)).toMatchObject([slot]);
  });

  test('when somebody ends it, once', async () => {
    const id = await wish();
    const build = await startReady();
    await end(build);

    const ended = [await store.endHold(id, 'bob\0'), await store.endHold(id, 'carl')];

    expect(ended).toEqual([true, false]);
    expect(await holdOf(id)).toMatchObject({ state: 'ended', endedBy: 'bob\ufffd' });
    expect(await stateOf(build)).toBe('deleting');
  });

  test('at any moment without leaving a server held, also when its build ends meanwhile', async () => {
    const builds: Running[] = [];
    const wishes: string[] = [];
    for (let count = 0; count < 8; count += 1) {
      builds.push(await startReady());
      wishes.push(await wish({ build: builds[count]!.lease.buildId }));
    }

    await Promise.all([
      ...builds.map((build) => end(build, failure, { maxServers: 100, maxOfLabel: 100 })),
      ...wishes.map((id) => store.endHold(id, 'ann')),
    ]);
    await store.endDueHolds();

    const holds = await store.holds(100);
    expect(new Set(holds.map(({ state }) => state))).toEqual(new Set(['ended']));
    expect(await Promise.all(builds.map(stateOf))).toEqual(Array(8).fill('deleting'));
  });

  test('as a wish, when the build it names is over and was not kept', async () => {
    const build = await rows.addRunning();
    const id = await wish({ build: build.lease.buildId });
    await end(build);

    const ended = await store.endDueHolds();

    expect(ended).toBe(1);
    expect(await holdOf(id)).toMatchObject({ state: 'ended', endedBy: 'the build ended without a server to keep' });
  });

  test('not by a process that takes over', async () => {
    const id = await wish();
    const build = await startReady();
    await end(build);
    const heir = await rows.addProcess();

    await store.transaction((tx) => tx.takeOver(build.owner, heir));

    expect([(await holdOf(id))?.state, await stateOf(build)]).toEqual(['holding', 'held']);
  });
});

describe('the key of a held server', () => {
  test('is added by one process, tried again until it is there', async () => {
    const id = await wish();
    await wish();
    await end(await startReady());

    const claims = await Promise.all([store.claimHoldsWithoutKey(10), store.claimHoldsWithoutKey(10)]);
    await store.saveHoldDetail(id, 'not yet');
    const waiting = await holdOf(id);
    await rows.database.pool.query(`update holds set next_try_at = now()`);
    const again = await store.claimHoldsWithoutKey(10);
    await store.saveKeyAdded(id);
    await rows.database.pool.query(`update holds set next_try_at = now()`);

    expect(claims.flat().map((hold) => hold.id)).toEqual([id]);
    expect(waiting).toMatchObject({ keyAdded: false, detail: 'not yet' });
    expect(again).toHaveLength(1);
    expect(await store.claimHoldsWithoutKey(10)).toEqual([]);
    expect(await holdOf(id)).toMatchObject({ keyAdded: true, detail: '' });
  });
});

test('a hold is found by its first digits, and open holds are listed before those that ended', async () => {
  const [first, second, third] = [await wish(), await wish(), await wish()];
  await store.endHold(third, 'ann');

  const found = await Promise.all(
    [first.slice(0, 7), second, 'abc', '%%%%%%%'].map((start) => findHoldId(rows.database.pool, start)),
  );

  expect(found).toEqual([first, second, undefined, undefined]);
  expect((await store.holds(10)).map(({ id }) => id)).toEqual([second, first, third]);
  expect(await store.holds(2)).toHaveLength(2);
});

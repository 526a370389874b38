import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSampleRows, patchsetOf, success } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;

beforeEach(async () => {
  rows = await createSampleRows();
});
afterEach(() => rows.drop());

function newBuildset(eventId: string, changes: object = {}) {
  return { tested: patchsetOf(1), pipeline: 'check', priority: 0, eventId, jobs: ['job'], isOnce: false, ...changes };
}

/** When it is known that nothing depends on anything. */
async function queuedBuilds(limit: number) {
  await rows.settleDependencies();
  return rows.store.queuedBuilds(limit);
}

/** Starts a queued build and ends it. */
async function finish(buildId: string): Promise<string> {
  const owner = await rows.addProcess();
  await rows.store.startBuilds([{ buildId, owner, serverId: crypto.randomUUID(), slot: undefined }]);
  const build = await rows.store.takeBuild(buildId, owner);
  await rows.store.finishBuild({ buildId, epoch: build!.epoch }, success);
  return build!.buildset;
}

describe('a buildset that shall be there only once', () => {
  test('is not run again when it has its result, but is when it was cancelled', async () => {
    const [first, restored, again] = [await rows.addEvent(), await rows.addEvent(), await rows.addEvent()];
    const once = { isOnce: true };

    const begun = await rows.store.insertBuildset(newBuildset(first, once));
    await rows.store.abortBuildsets(patchsetOf(1), undefined, 'abandoned');
    const afterCancel = await rows.store.insertBuildset(newBuildset(restored, once));
    await rows.database.pool.query(`update buildsets set state = 'done' where state = 'open'`);
    const afterResult = await rows.store.insertBuildset(newBuildset(again, once));

    expect([begun, afterCancel, afterResult]).toEqual([true, true, false]);
  });
});

describe('a buildset', () => {
  test('is there once for an event and pipeline', async () => {
    const event = await rows.addEvent();

    const first = await rows.store.insertBuildset(newBuildset(event));
    const again = await rows.store.insertBuildset(newBuildset(event));
    const gate = await rows.store.insertBuildset(newBuildset(event, { pipeline: 'gate' }));

    expect([first, again, gate]).toEqual([true, false, true]);
    expect(await queuedBuilds(10)).toHaveLength(2);
  });

  test('is in the way of a second one for the same patchset until it is closed', async () => {
    const [first, second, third] = [await rows.addEvent(), await rows.addEvent(), await rows.addEvent()];
    await rows.store.insertBuildset(newBuildset(first));
    const [build] = await queuedBuilds(1);

    const meanwhile = await rows.store.insertBuildset(newBuildset(second));
    const next = await rows.store.insertBuildset(newBuildset(second, { tested: patchsetOf(1, 2) }));
    await rows.store.closeBuildset(await finish(build!.id));
    const afterwards = await rows.store.insertBuildset(newBuildset(third));

    expect([meanwhile, next, afterwards]).toEqual([false, true, true]);
  });

  test('that two processes insert at once is there once', async () => {
    const [first, second] = [await rows.addEvent(), await rows.addEvent()];

    const inserted = await Promise.all([
      rows.store.transaction((tx) => tx.insertBuildset(newBuildset(first))),
      rows.store.transaction((tx) => tx.insertBuildset(newBuildset(second))),
    ]);

    expect(inserted.toSorted()).toEqual([false, true]);
    expect(await queuedBuilds(10)).toHaveLength(1);
  });

  test('is closed by one of two builds that end at once, with the last attempt of each job', async () => {
    const [one = '', two = ''] = await rows.addBuildset(['one', 'two']);
    await rows.store.insertNextAttempt(one, 0);
    const queued = await queuedBuilds(10);
    const retried = queued.find(({ id, job }) => job === 'one' && id !== one)!.id;
    const buildset = await finish(one);

    const early = await rows.store.closeBuildset(buildset);
    const closings = await Promise.all(
      [two, retried].map((build) =>
        rows.store.transaction(async (tx) => {
          const owner = await rows.addProcess();
          await tx.startBuilds([{ buildId: build, owner, serverId: crypto.randomUUID(), slot: undefined }]);
          const taken = await tx.takeBuild(build, owner);
          await tx.finishBuild({ buildId: build, epoch: taken!.epoch }, success);
          return tx.closeBuildset(buildset);
        }),
      ),
    );

    expect(early).toBeUndefined();
    const [closed] = closings.filter((closing) => closing !== undefined);
    expect(closings.filter((closing) => closing === undefined)).toHaveLength(1);
    expect(closed).toMatchObject({
      wanted: true,
      builds: [
        { id: retried, job: 'one' },
        { id: two, job: 'two' },
      ],
    });
  });

  test('of an older patchset ends at once where it is queued, is asked to stop where it runs, and is not wanted', async () => {
    const [queued = '', other = ''] = await rows.addBuildset(['one', 'two'], patchsetOf(5, 1));
    const [newer = ''] = await rows.addBuildset(['one'], patchsetOf(5, 2));
    const owner = await rows.addProcess();
    await rows.store.startBuilds([{ buildId: other, owner, serverId: crypto.randomUUID(), slot: undefined }]);
    const running = await rows.store.takeBuild(other, owner);

    const stopped = await rows.store.abortBuildsets({ connection: 'review', number: 5 }, 2, 'Patchset 2 came.');
    const again = await rows.store.abortBuildsets({ connection: 'review', number: 5 }, 2, 'Patchset 2 came.');
    const found = await Promise.all([queued, other, newer].map((id) => rows.store.findBuild(id)));
    await rows.store.finishBuild({ buildId: other, epoch: running!.epoch }, { ...success, result: 'ABORTED' });
    const closed = await rows.store.closeBuildset(running!.buildset);

    expect([stopped, again]).toEqual([1, 0]);
    expect(found).toMatchObject([
      { state: 'done', verdict: { result: 'ABORTED', reason: 'Patchset 2 came.' } },
      { state: 'running', cancelReason: 'Patchset 2 came.' },
      { state: 'queued', cancelReason: undefined },
    ]);
    expect(closed?.wanted).toBe(false);
  });

  test('the next attempt of a job is queued once, and only later', async () => {
    const [build = ''] = await rows.addBuildset();
    await finish(build);

    await rows.store.insertNextAttempt(build, 60_000);
    await rows.store.insertNextAttempt(build, 0);
    const { rows: attempts } = await rows.database.pool.query(`select attempt, state from builds order by attempt`);

    expect(await queuedBuilds(10)).toEqual([]);
    expect(attempts).toEqual([
      { attempt: 1, state: 'done' },
      { attempt: 2, state: 'queued' },
    ]);
  });
});

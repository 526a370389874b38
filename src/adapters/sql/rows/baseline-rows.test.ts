import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSampleRows, patchsetOf } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;
let change: string;
beforeAll(async () => {
  rows = await createSampleRows();
  [change = ''] = await rows.addBuildset(['job'], patchsetOf(5));
});
afterAll(() => rows.drop());

interface Tip {
  readonly digit: string;
  readonly result: string;
  readonly failed?: readonly string[];
  /** Of the failed, those that passed when run again. */
  readonly flaky?: readonly string[];
  readonly daysAgo: number;
  readonly branch?: string;
  readonly job?: string;
}

/** A build of a branch that is over. */
async function addTip({
  branch = 'master',
  daysAgo,
  digit,
  failed = [],
  flaky = [],
  job = 'job',
  result,
}: Tip): Promise<void> {
  const { connection, project } = patchsetOf(5);
  const tested = { connection, project, branch, revision: digit.repeat(40), ref: `refs/heads/${branch}` };
  const eventId = await rows.addEvent();
  await rows.store.insertBuildset({ tested, pipeline: 'nightly', priority: 0, eventId, jobs: [job], isOnce: false });
  const { rows: built } = await rows.database.pool.query<{ id: string }>(
    `update builds b set state = 'done', result = $2, ended_at = now() - make_interval(days => $3) from buildsets s
     where s.id = b.buildset and s.trigger_event = $1 returning b.id`,
    [eventId, result, daysAgo],
  );
  await rows.database.pool.query(`update buildsets set state = 'done' where trigger_event = $1`, [eventId]);
  await rows.database.pool.query(
    `insert into test_results (build, ordinal, id, outcome, tags, details)
     select $1, ordinal, id, case when id like 'ok%' then 'passed' else 'failed' end, '[]', ''
     from unnest($2::text[]) with ordinality as t(id, ordinal)`,
    [built[0]!.id, ['ok', ...failed]],
  );
  await rows.database.pool.query(`update test_results set again = 'passed' where build = $1 and id = any($2)`, [
    built[0]!.id,
    flaky,
  ]);
  await rows.database.pool.query(`update builds set cause = '{"kind": "flaky"}' where id = $1 and result = 'ERROR'`, [
    built[0]!.id,
  ]);
}

test('without a build of the branch nothing is known', async () => {
  await addTip({ digit: '1', result: 'FAILURE', failed: ['a'], daysAgo: 0, branch: 'stable/1' });
  await addTip({ digit: '2', result: 'FAILURE', failed: ['a'], daysAgo: 0, job: 'other' });
  await addTip({ digit: '3', result: 'NODE_FAILURE', failed: ['a'], daysAgo: 0 });
  await addTip({ digit: '4', result: 'FAILURE', failed: ['a'], daysAgo: 15 });

  expect(await rows.store.baselineOf(change)).toBeUndefined();
});

test('the last build of the branch tells what fails, a few before it what fails now and then', async () => {
  await addTip({ digit: 'a', result: 'FAILURE', failed: ['always', 'fixed'], daysAgo: 3 });
  await addTip({ digit: 'c', result: 'FAILURE', failed: ['always', 'new'], daysAgo: 1 });
  await addTip({ digit: 'b', result: 'SUCCESS', daysAgo: 2 });
  for (const [n, digit] of ['d', 'e', 'f'].entries())
    await addTip({ digit, result: 'FAILURE', failed: [`older-${n}`], daysAgo: 4 + n });

  expect(await rows.store.baselineOf(change)).toEqual({
    tip: 'master at ccccccc',
    failing: ['always', 'new'],
    unsteady: ['fixed', 'older-0', 'older-1'],
  });
});

test('what passed on the branch when run again is unsteady there, also in its last build', async () => {
  const [other = ''] = await rows.addBuildset(['flaky-job'], patchsetOf(6));
  const tip = { digit: '7', job: 'flaky-job', daysAgo: 0 };
  await addTip({ ...tip, digit: '8', result: 'FAILURE', failed: ['always', 'older'], flaky: ['older'], daysAgo: 1 });
  await addTip({ ...tip, result: 'ERROR', failed: ['now-and-then'], flaky: ['now-and-then'] });

  expect(await rows.store.baselineOf(other)).toEqual({
    tip: 'master at 7777777',
    failing: [],
    unsteady: ['always', 'now-and-then', 'older'],
  });
});

test('a branch is not compared with itself', async () => {
  const { rows: tips } = await rows.database.pool.query<{ id: string }>(
    `select b.id from builds b join buildsets s on s.id = b.buildset where s.change_number is null limit 1`,
  );

  expect(await rows.store.baselineOf(tips[0]!.id)).toBeUndefined();
});

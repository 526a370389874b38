import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSampleRows, patchsetOf } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';
import { filteredBuilds } from './build-status.ts';
import { findTests } from './find-tests.ts';
import { testHistory } from './test-history.ts';

let rows: SampleRows;
beforeAll(async () => {
  rows = await createSampleRows();
});
afterAll(() => rows.drop());

async function addRun(change: number, outcome: string, endedAt: string, id: string): Promise<string> {
  const [build] = await rows.addBuildset(['job'], patchsetOf(change));
  await rows.database.pool.query(`update builds set state = 'done', ended_at = $2 where id = $1`, [build, endedAt]);
  await rows.database.pool.query(
    `insert into test_results (build, ordinal, id, outcome, duration, started_at, tags, details)
     values ($1, 1, $2, $3, 1500, '2026-11-20T09:00:00Z', '[]', 'said')`,
    [build, id, outcome],
  );
  return build!;
}

test('a test has its runs by its whole id, newest first', async () => {
  const id = `tempest.api.TestServers.test_list[id-1,smoke]${'x'.repeat(5000)}`;
  await addRun(1, 'passed', '2026-11-20T10:00:00Z', id);
  await addRun(2, 'failed', '2026-11-22T10:00:00Z', id);
  await addRun(3, 'failed', '2026-11-23T10:00:00Z', `${id}y`);

  const runs = await testHistory(rows.database.pool, id);

  expect(runs).toMatchObject([
    {
      tested: { number: 2 },
      outcome: 'failed',
      job: 'job',
      duration: 1500,
      at: '2026-11-22T10:00:00.000Z',
      details: 'said',
    },
    { tested: { number: 1 }, outcome: 'passed', details: '', startedAt: '2026-11-20T09:00:00.000Z' },
  ]);
  expect(await testHistory(rows.database.pool, 'nothing\0')).toEqual([]);
});

test('of many failures only the newest ones say what they said', async () => {
  const id = 'tempest.Often.test_failed';
  for (let change = 100; change < 114; change += 1)
    await addRun(change, 'failed', `2026-11-24T10:00:${change - 90}Z`, id);

  const runs = await testHistory(rows.database.pool, id);

  expect(runs.map(({ details }) => details)).toEqual([...Array(10).fill('said'), ...Array(4).fill('')]);
  expect(runs[0]).toMatchObject({ tested: { number: 113 } });
});

test('tests are found by a part of their name, with how they fared in the builds that fit', async () => {
  const build = await addRun(201, 'failed', '2026-11-25T10:00:00Z', 'tempest.Found.test_Resize[id-1]');
  await addRun(202, 'passed', '2026-11-26T10:00:00Z', 'tempest.Found.test_Resize[id-1]');
  await addRun(203, 'skipped', '2026-11-26T11:00:00Z', 'tempest.Found.test_resize_down');
  await addRun(204, 'passed', '2026-11-26T12:00:00Z', 'tempest.Found.test_100%_other');
  const find = (part: string, limit = 50) => findTests(rows.database.pool, part, { limit });

  expect(await find('found.test_rESIZE')).toEqual([
    {
      id: 'tempest.Found.test_Resize[id-1]',
      passed: 1,
      failed: 1,
      skipped: 0,
      lastFailure: { build, at: '2026-11-25T10:00:00.000Z' },
    },
    { id: 'tempest.Found.test_resize_down', passed: 0, failed: 0, skipped: 1, lastFailure: undefined },
  ]);
  expect(await find('Found.test_100%')).toHaveLength(1);
  expect(await find('Found.test%other')).toEqual([]);
  expect(await find('Found', 1)).toHaveLength(1);
});

test('builds are found by pipeline, branch, time, and whether their logs are still there', async () => {
  const old = await addRun(301, 'passed', '2026-11-25T10:00:00Z', 'a');
  const gone = await addRun(302, 'passed', '2026-11-25T10:00:00Z', 'a');
  const { pool } = rows.database;
  await pool.query(`update builds set queued_at = '2020-01-01T10:00:00Z' where id = any($1)`, [[old, gone]]);
  await pool.query(`update builds set logs_expired_at = now(), logs_expired_for = 'age' where id = $1`, [gone]);
  const before = '2020-01-02T00:00:00.000Z';
  const ids = async (filter: Omit<Parameters<typeof filteredBuilds>[1], 'limit'>) =>
    (await filteredBuilds(pool, { ...filter, limit: 500 })).map(({ id }) => id).toSorted();

  expect(await ids({ before })).toEqual([old, gone].toSorted());
  expect(await ids({ before, logged: true, pipeline: 'check', branch: 'master' })).toEqual([old]);
  expect(await ids({ before, pipeline: 'gate' })).toEqual([]);
  expect(await ids({ before, branch: 'stable/2025.2' })).toEqual([]);
  expect(await ids({ before, from: '2020-01-01T11:00:00.000Z' })).toEqual([]);
  expect(await ids({ from: '2020-01-01T10:00:00.000Z', logged: true })).not.toContain(gone);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSampleRows, patchsetOf } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';
import { testHistory } from './test-history.ts';

let rows: SampleRows;
beforeAll(async () => {
  rows = await createSampleRows();
});
afterAll(() => rows.drop());

async function addRun(change: number, outcome: string, endedAt: string, id: string): Promise<void> {
  const [build] = await rows.addBuildset(['job'], patchsetOf(change));
  await rows.database.pool.query(`update builds set state = 'done', ended_at = $2 where id = $1`, [build, endedAt]);
  await rows.database.pool.query(
    `insert into test_results (build, ordinal, id, outcome, duration, tags, details) values ($1, 1, $2, $3, 1500, '[]', '')`,
    [build, id, outcome],
  );
}

test('a test has its runs by its whole id, newest first', async () => {
  const id = `tempest.api.TestServers.test_list[id-1,smoke]${'x'.repeat(5000)}`;
  await addRun(1, 'passed', '2026-11-20T10:00:00Z', id);
  await addRun(2, 'failed', '2026-11-22T10:00:00Z', id);
  await addRun(3, 'failed', '2026-11-23T10:00:00Z', `${id}y`);

  const runs = await testHistory(rows.database.pool, id);

  expect(runs).toMatchObject([
    { tested: { number: 2 }, outcome: 'failed', job: 'job', duration: 1500, at: '2026-11-22T10:00:00.000Z' },
    { tested: { number: 1 }, outcome: 'passed' },
  ]);
  expect(await testHistory(rows.database.pool, 'nothing\0')).toEqual([]);
});

import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyHost, prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { writeSubunitPacket } from '../domain/subunit/writer.ts';
import { collectArtifacts } from './collect-artifacts.ts';

let builds: RunningBuilds;
beforeEach(async () => {
  builds = await prepareRunningBuilds();
});
afterEach(() => builds.drop());

function streamOf(tests: readonly (readonly [string, 'success' | 'fail'])[]): Buffer {
  return Buffer.concat(tests.map(([testId, status]) => writeSubunitPacket({ testId, status })));
}

describe('the artifacts of a build', () => {
  test('may hold the results of a second run: what failed says how it ended there, and nothing else changes', async () => {
    let wanted: readonly string[] = [];
    const context = await builds.create({
      jobs: {
        collect: async (_host, { first }, take) => {
          wanted = first;
          await take(
            'again.subunit',
            streamOf([
              ['a.B.flaky', 'success'],
              ['a.B.broken', 'fail'],
              ['a.B.new', 'success'],
            ]),
          );
          await take(
            'first.subunit',
            streamOf([
              ['a.B.flaky', 'fail'],
              ['a.B.broken', 'fail'],
              ['a.B.fine', 'success'],
            ]),
          );
          return [];
        },
      },
      job: { testResults: 'first.subunit', testResultsAgain: 'again.subunit' },
    });

    const collected = await collectArtifacts(context, anyHost);

    const { rows } = await builds.rows.database.pool.query(
      `select id, outcome, again from test_results order by ordinal`,
    );
    const page = gunzipSync(await builds.publishedBytes(context, 'testr_results.html.gz')).toString('utf8');
    const xml = gunzipSync(await builds.publishedBytes(context, 'junit.xml.gz')).toString('utf8');
    expect(wanted).toEqual(['first.subunit', 'again.subunit']);
    expect(collected).toMatchObject({ tests: { passed: 1, failed: 2, skipped: 0 }, passedAgain: ['a.B.flaky'] });
    expect(rows).toEqual([
      { id: 'a.B.flaky', outcome: 'failed', again: 'passed' },
      { id: 'a.B.broken', outcome: 'failed', again: 'failed' },
      { id: 'a.B.fine', outcome: 'passed', again: null },
    ]);
    expect(page).toMatch(/fail \(passed when run again\)[^]*fail \(twice\)/);
    expect(xml).toContain('failures="2"');
    expect(xml).toContain('<failure type="failure" message="Failed, passed when run again.">');
  });

  test('may say what should have run: what did not is counted against it and against the last build', async () => {
    const create = (names: readonly string[]) =>
      builds.create({
        jobs: {
          collect: async (_host, _wanted, take) => {
            await take('first.subunit', streamOf(names.map((name) => [name, 'success'])));
            await take('selection.txt', Buffer.from('a.B.one\na.B.two\na.B.three\n'));
            return [];
          },
        },
        job: { testResults: 'first.subunit', testSelection: 'selection.txt' },
      });
    const before = await create(['a.B.one', 'a.B.zero']);
    await collectArtifacts(before, anyHost);
    await builds.rows.store.finishBuild(before.lease, {
      result: 'SUCCESS',
      reason: '',
      errorCode: undefined,
      tests: { passed: 2, failed: 0, skipped: 0 },
      failedTests: [],
    });
    const context = await create(['a.B.one', 'a.B.two']);

    const { missing } = await collectArtifacts(context, anyHost);

    const { rows } = await builds.rows.database.pool.query(`select missing_tests from builds where id = $1`, [
      context.build.id,
    ]);
    const unexplained = { hiddenBy: undefined };
    expect(missing).toEqual({
      selected: { expected: 3, missing: 1, hidden: 0, tests: [{ id: 'a.B.three', ...unexplained }] },
      last: {
        build: before.build.id,
        expected: 2,
        missing: 1,
        hidden: 0,
        tests: [{ id: 'a.B.zero', ...unexplained }],
      },
    });
    expect(rows).toEqual([{ missing_tests: JSON.parse(JSON.stringify(missing)) as unknown }]);
  });
});

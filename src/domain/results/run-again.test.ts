import type { TestResults } from '../test-result.ts';
import { describe, expect, it } from 'vitest';
import { ran } from '../testing/test-results.ts';
import { countTests } from '../subunit/summary.ts';
import { passedAgain, withSecondRun } from './run-again.ts';

function labels(results: TestResults): readonly (readonly [string, boolean])[] {
  return results.tests.map((test) => [test.id, passedAgain(test)]);
}

describe('tests that failed and ran again', () => {
  it('say how they ended the second time, and stay failures', () => {
    const first = ran(['a.B.flaky', 'failed'], ['a.B.broken', 'failed'], ['a.B.fine', 'passed']);

    const merged = withSecondRun(first, ran(['a.B.flaky', 'passed'], ['a.B.broken', 'failed']));

    expect(merged.tests.map(({ again, outcome }) => [outcome, again])).toEqual([
      ['failed', 'passed'],
      ['failed', 'failed'],
      ['passed', undefined],
    ]);
    expect(countTests(merged)).toEqual({ passed: 1, failed: 2, skipped: 0 });
    expect(labels(merged)).toEqual([
      ['a.B.flaky', true],
      ['a.B.broken', false],
      ['a.B.fine', false],
    ]);
  });

  it('did not pass when the second run skipped them, did not know them, or told of them twice and once badly', () => {
    const first = ran(['a.B.skipped', 'failed'], ['a.B.unknown', 'failed'], ['a.B.twice', 'failed']);
    const second = ran(['a.B.skipped', 'skipped'], ['a.B.twice', 'failed'], ['a.B.twice', 'passed']);

    expect(labels(withSecondRun(first, second)).map(([, label]) => label)).toEqual([false, false, false]);
  });

  it('are nothing that the second run alone tells: it adds no test, and takes back nothing but failures', () => {
    const first = ran(['a.B.cut', 'incomplete'], ['a.B.fine', 'passed'], ['a.B.odd', 'unexpected-success']);
    const second = ran(['a.B.cut', 'passed'], ['a.B.fine', 'failed'], ['a.B.more', 'passed'], ['a.B.odd', 'passed']);

    expect(withSecondRun(first, second).tests).toEqual(first.tests);
  });

  it('are all failures when the second stream is damaged, or there is none', () => {
    const first = ran(['a.B.flaky', 'failed']);

    expect(withSecondRun(first, { ...ran(['a.B.flaky', 'passed']), intact: false })).toBe(first);
    expect(withSecondRun(first, undefined)).toBe(first);
  });

  it('include classes and modules whose fixture failed: their tests ran and none failed', () => {
    const first = ran(
      ['setUpClass (a.b.Mended)', 'failed'],
      ['setUpClass (a.b.Broken)', 'failed'],
      ['setUpClass (a.b.HalfBroken)', 'failed'],
      ['setUpClass (a.b.OnlySkipped)', 'failed'],
      ['setUpModule (a.c)', 'failed'],
      ['tearDownClass (a.d.Left)', 'failed'],
    );
    const second = ran(
      ['a.b.Mended.test_1[id-1,smoke]', 'passed'],
      ['a.b.Mended.test_2', 'skipped'],
      ['setUpClass (a.b.Broken)', 'failed'],
      ['a.b.HalfBroken.test_1', 'passed'],
      ['a.b.HalfBroken.test_2', 'failed'],
      ['a.b.OnlySkipped.test_1', 'skipped'],
      ['a.c.One.test_1', 'passed'],
      ['a.d.Left.test_1', 'passed'],
      ['tearDownClass (a.d.Left)', 'failed'],
    );

    expect(labels(withSecondRun(first, second))).toEqual([
      ['setUpClass (a.b.Mended)', true],
      ['setUpClass (a.b.Broken)', false],
      ['setUpClass (a.b.HalfBroken)', false],
      ['setUpClass (a.b.OnlySkipped)', false],
      ['setUpModule (a.c)', true],
      ['tearDownClass (a.d.Left)', false],
    ]);
  });
});

import type { TestResult, TestResults } from '../test-result.ts';
import type { TestCounts } from '../verdict.ts';

/** Counts as `subunit-stats` and stestr do: unfinished tests failed, expected failures and unexpected successes did not. */
export function countTests(results: Pick<TestResults, 'tests'>): TestCounts {
  const failed = results.tests.filter(isFailed).length;
  const skipped = results.tests.filter((test) => test.outcome === 'skipped').length;
  return { passed: results.tests.length - failed - skipped, failed, skipped };
}

/** Names of the tests that failed, in the order they ended, each once, at most `limit`. */
export function failedTestNames(results: TestResults, limit: number): string[] {
  return [...new Set(results.tests.filter(isFailed).map((test) => test.id))].slice(0, limit);
}

/** Unfinished tests too. */
export function isFailed(test: Pick<TestResult, 'outcome'>): boolean {
  return test.outcome === 'failed' || test.outcome === 'incomplete';
}

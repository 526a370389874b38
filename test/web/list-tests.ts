import type { TestResult } from '../../src/domain/test-result.ts';
import type { BuildDetail, ListedTests, ShownOutcome, TestFilter } from '../../src/ports/status.ts';

/** As the store does, all at once. */
export function listTests(build: BuildDetail | undefined, { outcome, text = '' }: TestFilter): ListedTests | undefined {
  if (!build) return undefined;
  const fitting = build.testResults.filter((test) => fits(test, outcome, text));
  const tests = fitting.map(({ details, ...test }) => ({ ...test, said: details }));
  return { build, tests, fitting: fitting.length, next: undefined };
}

function fits({ again, id, outcome }: TestResult, wanted: ShownOutcome | undefined, text: string): boolean {
  if (!id.toLowerCase().includes(text.toLowerCase())) return false;
  return wanted === 'again' ? again === 'passed' : (wanted ?? outcome) === outcome;
}

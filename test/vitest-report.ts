import { readFileSync } from 'node:fs';

/** What vitest's JSON report says of a run. */
export interface VitestRun {
  readonly passed: number;
  /** A file that cannot even be loaded has no failed test; it counts as one. */
  readonly failed: number;
  readonly failedFiles: readonly FailedFile[];
}

interface FailedFile {
  readonly path: string;
  readonly passed: number;
  readonly failedTests: readonly string[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export function readVitestReport(path: string): VitestRun {
  const { numFailedTests, numPassedTests, testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const failedFiles = testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name, assertionResults: tests }) => ({
      path: name,
      passed: tests.filter(({ status }) => status === 'passed').length,
      failedTests: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    }));
  return { passed: numPassedTests, failed: Math.max(numFailedTests, failedFiles.length === 0 ? 0 : 1), failedFiles };
}

/** More of them are no accident. */
const mostAgain = 3;

/** Files to run once more: the machine may have been too slow for a test that waits for others. `before`: files that have failed in other runs. */
export function filesToRunAgain({ failedFiles }: VitestRun, before = 0): readonly string[] {
  return before + failedFiles.length > mostAgain ? [] : failedFiles.map(({ path }) => path);
}

/** Runs tests, and the files that failed once more. `run` gets the files to run; none means all. `before`: as it is when they have failed. */
export async function runAgainIfFailed(
  run: (files: readonly string[]) => Promise<VitestRun>,
  say: (line: string) => void,
  before: () => number = () => 0,
): Promise<VitestRun> {
  const first = await run([]);
  const files = filesToRunAgain(first, before());
  if (files.length === 0) return first;
  say(`\n#### ${first.failed} failed; once more: ${files.join(' ')}`);
  const again = await run(files);
  for (const name of passedOnlyAgain(first, again)) say(`#### UNSTEADY, passed only when run again: ${name}`);
  return inTheEnd(first, again);
}

/** A test that passes only when it is run again is never hidden. */
export function passedOnlyAgain(first: VitestRun, again: VitestRun): readonly string[] {
  const failing = new Set(again.failedFiles.flatMap(({ failedTests }) => failedTests));
  return first.failedFiles.flatMap(({ failedTests }) => failedTests).filter((name) => !failing.has(name));
}

/** The files that were run again count as they ended then. */
export function inTheEnd(first: VitestRun, again: VitestRun): VitestRun {
  const replaced = first.failedFiles.reduce((total, { passed }) => total + passed, 0);
  return { ...again, passed: first.passed - replaced + again.passed };
}

import { oneLine } from '../sanitize.ts';
import type { TestResults } from '../test-result.ts';
import { findMissingTests } from './missing-tests.ts';

/** Kept of the tests that are missing, with names. */
const keptTests = 100;
const longestName = 600;

/** What of the tests that should have run did not, as it is kept with a build. */
export interface MissingSummary {
  /** Of those that the job has selected; undefined: it does not tell. */
  readonly selected: MissingCounts | undefined;
  /** Of those in the last whole run of the same job on the same branch; undefined: there was none lately. */
  readonly last: (MissingCounts & { readonly build: string }) | undefined;
}

export interface MissingCounts {
  /** How many should have run. */
  readonly expected: number;
  readonly missing: number;
  /** Of the missing, those hidden by a fixture or import that failed. */
  readonly hidden: number;
  /** The first of the missing; `hiddenBy` is the fixture or import. */
  readonly tests: readonly { readonly id: string; readonly hiddenBy: string | undefined }[];
}

export interface ExpectedTests {
  readonly selection: readonly string[] | undefined;
  readonly last: { readonly build: string; readonly tests: readonly string[] } | undefined;
}

export function summarizeMissing(results: TestResults, { last, selection }: ExpectedTests): MissingSummary {
  return {
    selected: selection && countMissing(results, selection),
    last: last && { build: last.build, ...countMissing(results, last.tests) },
  };
}

function countMissing(results: TestResults, expected: readonly string[]): MissingCounts {
  const found = findMissingTests(results, expected);
  return {
    expected: found.expected,
    missing: found.missing.length,
    hidden: found.missing.filter(({ hiddenBy }) => hiddenBy !== undefined).length,
    tests: found.missing.slice(0, keptTests).map(({ hiddenBy, id }) => ({
      id: oneLine(id, longestName),
      hiddenBy: hiddenBy === undefined ? undefined : oneLine(hiddenBy, longestName),
    })),
  };
}

/** Without a fixture that failed nothing says why they did not run. */
export function unexplained({ hidden, missing }: Pick<MissingCounts, 'hidden' | 'missing'>): number {
  return missing - hidden;
}

/** A sentence; undefined: none is missing. Where the job tells what it selected, the last run says nothing more. */
export function missingText({ last, selected }: MissingSummary): string | undefined {
  if (selected) return sentence(selected, ['selected test', 'selected tests']);
  return last && sentence(last, ['test of the last run', 'tests of the last run']);
}

function sentence({ hidden, missing, tests }: MissingCounts, [one, many]: readonly [string, string]) {
  if (missing === 0) return undefined;
  const head = `${missing} ${missing === 1 ? one : many} did not run`;
  if (hidden === 0) return `${head}.`;
  const by = tests.every(({ hiddenBy }) => hiddenBy === undefined || hiddenBy.startsWith('setUpClass'))
    ? 'a failed setUpClass'
    : 'a failed fixture or import';
  const which = hidden === missing ? (missing === 1 ? 'hidden' : 'all hidden') : `${hidden} of them hidden`;
  return `${head}, ${which} by ${by}.`;
}

import { countTests, isFailed } from '../subunit/summary.ts';
import type { TestOutcome, TestResults } from '../test-result.ts';
import type { TestCounts } from '../verdict.ts';
import { findMissingTests } from './missing-tests.ts';
import type { MissingTests } from './missing-tests.ts';

/** Results as `sidegate results` prints them. */
export interface DescribedResults {
  readonly counts: TestCounts & {
    readonly tests: number;
    /** Of the failed: began and never ended. */
    readonly unfinished: number;
    readonly expectedFailures: number;
    readonly unexpectedSuccesses: number;
  };
  readonly failing: readonly {
    readonly id: string;
    readonly outcome: TestOutcome;
    /** Milliseconds. */
    readonly duration: number | undefined;
    /** The beginning of what it said: reason and traceback come first. */
    readonly details: string;
  }[];
  readonly missing: { readonly selection?: MissingTests; readonly last?: MissingTests };
  readonly stream: {
    readonly intact: boolean;
    readonly skippedBytes: number;
    readonly skippedPlaces: number;
    readonly droppedPackets: number;
  };
}

/** Ids that should have been run, and those of an earlier run. */
export interface Expected {
  readonly selection?: readonly string[] | undefined;
  readonly last?: TestResults | undefined;
}

const maxDetails = 4000;

export function describeResults(results: TestResults, { last, selection }: Expected): DescribedResults {
  const { dropped, intact, skipped, tests } = results;
  const countOf = (outcome: TestOutcome) => tests.filter((test) => test.outcome === outcome).length;
  return {
    counts: {
      tests: tests.length,
      ...countTests(results),
      unfinished: countOf('incomplete'),
      expectedFailures: countOf('expected-failure'),
      unexpectedSuccesses: countOf('unexpected-success'),
    },
    failing: tests.filter(isFailed).map(({ details, duration, id, outcome }) => ({
      id,
      outcome,
      duration,
      details: details.slice(0, maxDetails).toWellFormed(),
    })),
    missing: {
      ...(selection && { selection: findMissingTests(results, selection) }),
      ...(last && {
        last: findMissingTests(
          results,
          last.tests.map(({ id }) => id),
        ),
      }),
    },
    stream: { intact, skippedBytes: skipped.bytes, skippedPlaces: skipped.places, droppedPackets: dropped },
  };
}

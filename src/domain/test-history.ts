import type { TestOutcome } from './test-result.ts';

/** What is counted of one run of a test. */
export interface CountedRun {
  readonly outcome: TestOutcome;
  /** Milliseconds. */
  readonly duration: number | undefined;
  /** ISO 8601. */
  readonly at: string;
  /** Without a change. */
  readonly isOfBranch: boolean;
}

export interface HistoryFigures {
  readonly ofChanges: PassRate;
  readonly ofBranches: PassRate;
  /** Of runs that passed (ms); undefined: none tells. */
  readonly medianDuration: number | undefined;
  /** ISO 8601; undefined: it never failed in these runs. */
  readonly firstFailure: string | undefined;
  readonly lastFailure: string | undefined;
}

/** Skipped ones count as neither. */
export interface PassRate {
  readonly passed: number;
  readonly failed: number;
}

/** `runs`: newest first. */
export function historyFigures(runs: readonly CountedRun[]): HistoryFigures {
  const failures = runs.filter(({ outcome }) => isFailure(outcome));
  const durations = runs.flatMap(({ duration, outcome }) =>
    duration === undefined || !isPass(outcome) ? [] : [duration],
  );
  return {
    ofChanges: passRate(runs.filter(({ isOfBranch }) => !isOfBranch)),
    ofBranches: passRate(runs.filter(({ isOfBranch }) => isOfBranch)),
    medianDuration: durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)],
    firstFailure: failures.at(-1)?.at,
    lastFailure: failures[0]?.at,
  };
}

function passRate(runs: readonly CountedRun[]): PassRate {
  return {
    passed: runs.filter(({ outcome }) => isPass(outcome)).length,
    failed: runs.filter(({ outcome }) => isFailure(outcome)).length,
  };
}

function isPass(outcome: TestOutcome): boolean {
  return outcome === 'passed' || outcome === 'expected-failure';
}

/** One that never ended says nothing of itself: its run was cut. */
export function isFailure(outcome: TestOutcome): boolean {
  return outcome === 'failed' || outcome === 'unexpected-success';
}

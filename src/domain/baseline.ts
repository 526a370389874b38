import type { Cause } from './cause.ts';

/** How a job fared on the branch itself, without a change. */
export interface Baseline {
  /** The tip that was tested last: `master at 0a1b2c3`. */
  readonly tip: string;
  /** Tests that failed there. */
  readonly failing: readonly string[];
  /** Tests that did not fail there, but on one of a few tips before. */
  readonly unsteady: readonly string[];
}

export interface Excuse {
  readonly cause: Extract<Cause, 'branch' | 'flaky'>;
  /** A sentence. */
  readonly why: string;
}

/** Why none of the tests that failed speaks against the change; undefined: at least one may. `passedAgain`: of them, those that did when run again. */
export function excuse(
  failedTests: readonly string[],
  { failing, tip, unsteady }: Baseline,
  passedAgain: readonly string[] = [],
): Excuse | undefined {
  const failsThere = new Set(failing);
  const isUnsteady = new Set([...unsteady, ...passedAgain]);
  const others = failedTests.filter((test) => !failsThere.has(test));
  if (failedTests.length === 0 || !others.every((test) => isUnsteady.has(test))) return undefined;
  if (others.length === 0) return { cause: 'branch', why: `${all(failedTests)} on ${tip} too.` };
  return {
    cause: 'flaky',
    why:
      passedAgain.length === 0
        ? `${all(failedTests)} on the branch too, some of them now and then; last seen: ${tip}.`
        : `The others fail on the branch too; last seen: ${tip}.`,
  };
}

/** A sentence; undefined: none of them does. */
export function alsoFailing(failedTests: readonly string[], { failing, tip }: Baseline): string | undefined {
  const failsThere = new Set(failing);
  const count = failedTests.filter((test) => failsThere.has(test)).length;
  return count === 0 ? undefined : `${count} of them ${count === 1 ? 'fails' : 'fail'} on ${tip} too.`;
}

function all({ length }: readonly string[]): string {
  return length === 1 ? 'It fails' : 'All of them fail';
}

import type { Cause } from './cause.ts';

/** The words are those the Gerrit summary tab knows (`facts/domain.md` §5.1); which cause leads to which: `cause.ts`. SUCCESS has none. */
export type Result = 'SUCCESS' | 'FAILURE' | 'ERROR' | 'TIMED_OUT' | 'NODE_FAILURE' | 'MERGE_CONFLICT' | 'ABORTED';

export interface Verdict {
  readonly result: Result;
  /** One sentence for people: what led to the result. */
  readonly reason: string;
  /** Code of the catalogue in `errors.ts` for infra failures. */
  readonly errorCode: string | undefined;
  readonly tests: TestCounts | undefined;
  /** Names of failed tests, bounded. */
  readonly failedTests: readonly string[];
  /** Undefined: it did not fail, or an older sidegate judged it. */
  readonly cause?: NamedCause | undefined;
}

/** Why a build failed. */
export interface NamedCause {
  readonly kind: Cause;
  /** What named it. */
  readonly signature: { readonly id: string; readonly title: string; readonly bug: string | undefined } | undefined;
  /** What it would be without the signature. */
  readonly otherwise: Cause;
  /** Another attempt may help. */
  readonly retry: boolean;
  /** What shows it; few. */
  readonly lines: readonly EvidenceLine[];
}

export interface EvidenceLine {
  /** Name below the build's log folder; undefined: no log has it. */
  readonly log: string | undefined;
  readonly line: number | undefined;
  /** One line, sanitized and cut. */
  readonly text: string;
}

/** Status by which a job says that the changes do not merge. Of a job that has test results it is any status. */
export const mergeConflictStatus = 93;

/** Status by which a job says that a change it carries does not merge with what is tested, which is no fault of the change under test. */
export const carryConflictStatus = 94;

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How the job ended on the test server. */
export type JobEnd =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'timed-out' }
  /** The runner is gone without leaving a status, and nothing says why. */
  | { readonly kind: 'lost' }
  /** The runner is there and does nothing: stopped, or it hangs. */
  | { readonly kind: 'silent' }
  /** The server was started anew in the middle of the job. */
  | { readonly kind: 'rebooted' }
  /** The same, after a panic of its kernel. */
  | { readonly kind: 'panicked' }
  /** The job failed, and the kernel had killed a process for want of memory: one of the job, of a service, or the runner. */
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'disk-full' };

/** And how far it came. */
export type EndedJob = JobEnd & {
  /** Its last phase; undefined: not known. */
  readonly phase?: string | undefined;
};

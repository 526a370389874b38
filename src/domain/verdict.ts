/**
 * What a build means. The words are those the Gerrit summary tab knows (`facts/domain.md` §5.1).
 *
 * | result      | means                                                    | vote    | next attempt |
 * |-------------|----------------------------------------------------------|---------|--------------|
 * | SUCCESS     | the job ended with 0 and no test failed                  | success | no           |
 * | FAILURE     | at least one test failed                                 | failure | no           |
 * | ERROR       | the job failed before or beside its tests                | none    | no           |
 * | TIMED_OUT   | the job was longer than its limit                        | none    | no           |
 * | NODE_FAILURE| infrastructure: cloud, SSH, back end, disk               | none    | yes          |
 * | MERGE_CONFLICT | the change, or one it depends on, does not merge      | nothing is posted | no |
 * | ABORTED     | cancelled, or superseded by a newer patchset             | none    | no           |
 */
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
}

/** Status by which a job says that the changes do not merge. Of a job that has test results it is any status. */
export const mergeConflictStatus = 93;

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How the job ended on the test server. */
export type JobEnd =
  | { readonly kind: 'exited'; readonly status: number }
  /** In which phase, if the server told. */
  | { readonly kind: 'timed-out'; readonly phase?: string | undefined }
  /** The runner is gone without leaving a status: reboot, out of memory, killed. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'disk-full' };

import type { ErrorCode } from './errors.ts';
import type { JobEnd, TestCounts, Verdict } from './verdict.ts';

/** What is known about a build when its job is over. */
export interface Evidence {
  /** Why it was stopped, when it was. */
  readonly cancelReason: string | undefined;
  /** What broke outside the job. */
  readonly infra: { readonly code: ErrorCode; readonly detail: string } | undefined;
  readonly end: JobEnd | undefined;
  /** Undefined when there was no result file. */
  readonly tests: TestCounts | undefined;
  readonly failedTests: readonly string[];
  /** Tests among the failed that only never finished: their run was cut, which says nothing about the patch. */
  readonly unfinished: number;
  /** False when the result file was cut or damaged. */
  readonly testsIntact: boolean;
  /** Whether the job is to report tests. */
  readonly testsExpected: boolean;
  /** What was wrong with the back end at any time during the build. */
  readonly outage: string | undefined;
}

/** Causes, not exit codes: only a test that failed while the infrastructure was well can be the patch's. */
export function judge(evidence: Evidence): Verdict {
  const { cancelReason, infra, end, tests, failedTests, unfinished, outage } = evidence;
  const verdict = (result: Verdict['result'], reason: string, errorCode?: ErrorCode): Verdict => ({ result, reason, errorCode, tests, failedTests });

  if (cancelReason !== undefined) return verdict('ABORTED', cancelReason);
  if (infra) return verdict('NODE_FAILURE', infra.detail, infra.code);
  if (!end || end.kind === 'lost') return verdict('NODE_FAILURE', 'The job vanished from the test server without an exit status.', 'job-lost');
  if (end.kind === 'disk-full') return verdict('NODE_FAILURE', 'The disk of the test server is full.', 'disk-full');
  if (end.kind === 'timed-out') return verdict('TIMED_OUT', 'The job took longer than its limit.');

  const failed = (tests?.failed ?? 0) - unfinished;
  if (failed > 0 && outage !== undefined) return verdict('NODE_FAILURE', `The back end was out of order meanwhile: ${outage}`, 'backend-sick');
  if (failed > 0) return verdict('FAILURE', `${failed} of ${(tests?.failed ?? 0) + (tests?.passed ?? 0)} tests failed.`);
  if (unfinished > 0) return verdict('ERROR', `The job ended before its tests did: ${unfinished} never finished.`);
  if (end.status !== 0) return verdict('ERROR', `The job ended with status ${end.status} without a failed test.`);
  return judgeSuccess(evidence, verdict);
}

/** A job that ends well without the tests it should have run proves nothing. */
function judgeSuccess({ tests, testsExpected, testsIntact }: Evidence, verdict: (result: Verdict['result'], reason: string) => Verdict): Verdict {
  if (!testsExpected) return verdict('SUCCESS', 'The job ended well.');
  if (!tests || tests.passed === 0) return verdict('ERROR', 'The job ended well, but no test has passed.');
  if (!testsIntact) return verdict('ERROR', 'The job ended well, but its test results are damaged.');
  return verdict('SUCCESS', `${tests.passed} tests passed.`);
}

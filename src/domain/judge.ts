import type { ErrorCode } from './errors.ts';
import { mergeConflictStatus } from './verdict.ts';
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
  /** Other changes whose builds failed in the same way at the same time. */
  readonly sameFailure: string | undefined;
}

/** Makes the verdict of one build. */
type Conclude = (result: Verdict['result'], reason: string, errorCode?: ErrorCode) => Verdict;

/** Causes, not exit codes: only a test that failed while the infrastructure was well can be the patch's. */
export function judge(evidence: Evidence): Verdict {
  const { tests, failedTests } = evidence;
  const conclude: Conclude = (result, reason, errorCode) => ({ result, reason, errorCode, tests, failedTests });
  return judgeCircumstances(evidence, conclude) ?? judgeJob(evidence, conclude) ?? judgeSuccess(evidence, conclude);
}

/** What lies outside the job and its tests. */
function judgeCircumstances({ cancelReason, infra, end, tests }: Evidence, conclude: Conclude): Verdict | undefined {
  if (cancelReason !== undefined) return conclude('ABORTED', cancelReason);
  if (infra) return conclude('NODE_FAILURE', infra.detail, infra.code);
  if (!end || end.kind === 'lost')
    return conclude('NODE_FAILURE', 'The job vanished from the test server without an exit status.', 'job-lost');
  if (end.kind === 'disk-full') return conclude('NODE_FAILURE', 'The disk of the test server is full.', 'disk-full');
  if (end.kind === 'timed-out') return conclude('TIMED_OUT', timedOut(end.phase));
  return end.status === mergeConflictStatus && !tests
    ? conclude('MERGE_CONFLICT', 'The change, or one it depends on, does not merge.', 'merge-conflict')
    : undefined;
}

function timedOut(phase: string | undefined): string {
  return `The job took longer than its limit${phase === undefined ? '' : `, in phase ${phase}`}.`;
}

/** Nothing that went wrong says anything about the patch when the back end was out of order meanwhile, or all fail alike. */
function judgeJob(evidence: Evidence, conclude: Conclude): Verdict | undefined {
  const { outage, sameFailure } = evidence;
  const trouble = judgeTests(evidence, conclude);
  if (!trouble) return undefined;
  if (outage !== undefined)
    return conclude('NODE_FAILURE', `The back end was out of order meanwhile: ${outage}`, 'backend-sick');
  if (sameFailure !== undefined)
    return conclude('NODE_FAILURE', `${trouble.reason} Those of ${sameFailure} failed alike.`, 'lab-wide');
  return trouble;
}

function judgeTests(evidence: Evidence, conclude: Conclude): Verdict | undefined {
  const { unfinished, end } = evidence;
  const { passed, failed: unsuccessful } = evidence.tests ?? { passed: 0, failed: 0 };
  const failed = unsuccessful - unfinished;
  if (failed > 0) return conclude('FAILURE', `${failed} of ${unsuccessful + passed} tests failed.`);
  if (unfinished > 0) return conclude('ERROR', `The job ended before its tests did: ${unfinished} never finished.`);
  if (end?.kind === 'exited' && end.status !== 0)
    return conclude('ERROR', `The job ended with status ${end.status} without a failed test.`);
  return undefined;
}

/** A job that ends well without the tests it should have run proves nothing. */
function judgeSuccess({ tests, testsExpected, testsIntact }: Evidence, conclude: Conclude): Verdict {
  if (!testsExpected) return conclude('SUCCESS', 'The job ended well.');
  if (!tests || tests.passed === 0) return conclude('ERROR', 'The job ended well, but no test has passed.');
  if (!testsIntact) return conclude('ERROR', 'The job ended well, but its test results are damaged.');
  return conclude('SUCCESS', `${tests.passed} tests passed.`);
}

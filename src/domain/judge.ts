import { alsoFailing, excuse } from './baseline.ts';
import type { Baseline } from './baseline.ts';
import { causeOfError, causeRules } from './cause.ts';
import type { Cause } from './cause.ts';
import type { ErrorCode } from './errors.ts';
import { carryConflictStatus, mergeConflictStatus } from './verdict.ts';
import type { JobEnd, TestCounts, Verdict } from './verdict.ts';

/** What is known about a build when its job is over. */
export interface Evidence {
  /** Why it was stopped, when it was. */
  readonly cancelReason: string | undefined;
  /** What broke outside the job. */
  readonly infra: { readonly code: ErrorCode; readonly detail: string } | undefined;
  readonly end: JobEnd | undefined;
  /** Phase of the job that ran last; undefined: not known. */
  readonly phase?: string | undefined;
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
  /** Tip of the branch that fails before its tests in the same way; undefined: it does not, or nobody tested it. */
  readonly branchFailure?: string | undefined;
  /** Changes that the job applies on top of what it tests, for a sentence; undefined: none. */
  readonly carried?: string | undefined;
  /** A commit that should be tested and was not, for a sentence; undefined: none is known. */
  readonly notTested?: string | undefined;
  /** How the branch fared without the change; undefined: nobody tested it, or no test failed. */
  readonly baseline?: Baseline | undefined;
}

/** Makes the verdict of one build; without a cause it is a good one. */
type Conclude = (cause: Cause | undefined, reason: string, errorCode?: ErrorCode) => Verdict;

/** Causes, not exit codes: only a test that failed while the infrastructure was well can be the patch's. */
export function judge(evidence: Evidence): Verdict {
  const { tests, failedTests } = evidence;
  const conclude: Conclude = (kind, reason, errorCode) => ({
    result: kind ? causeRules[kind].result : 'SUCCESS',
    reason,
    errorCode,
    tests,
    failedTests,
    cause: kind && { kind, signature: undefined, otherwise: kind, retry: causeRules[kind].retry, lines: [] },
  });
  return judgeCircumstances(evidence, conclude) ?? judgeJob(evidence, conclude) ?? judgeSuccess(evidence, conclude);
}

/** What lies outside the job and its tests. */
function judgeCircumstances(evidence: Evidence, conclude: Conclude): Verdict | undefined {
  const { cancelReason, infra, end, tests } = evidence;
  if (cancelReason !== undefined) return conclude('cancelled', cancelReason);
  if (infra) return conclude(causeOfError(infra.code), infra.detail, infra.code);
  if (end?.kind !== 'exited') return judgeCutShort(evidence, conclude);
  return (tests ? undefined : judgeConflict(end.status, evidence, conclude)) ?? judgeProof(evidence, conclude);
}

/** What a job says by its status, before it has tested anything. */
function judgeConflict(status: number, { carried }: Evidence, conclude: Conclude): Verdict | undefined {
  if (status === mergeConflictStatus)
    return conclude('merge-conflict', 'The change, or one it depends on, does not merge.', 'merge-conflict');
  if (status !== carryConflictStatus || carried === undefined) return undefined;
  const reason = `What the job carries (${carried}) does not merge with what is tested, which is no fault of the change.`;
  return onlyOnce(conclude('service', reason, 'carry-conflict'));
}

/** Whatever its tests say, they say it about something else. */
function judgeProof({ notTested }: Evidence, conclude: Conclude): Verdict | undefined {
  if (notTested === undefined) return undefined;
  return onlyOnce(
    conclude('service', `What was checked out is not what should be tested: ${notTested}.`, 'tested-otherwise'),
  );
}

/** Another attempt would end the same. */
function onlyOnce(verdict: Verdict): Verdict {
  return verdict.cause ? { ...verdict, cause: { ...verdict.cause, retry: false } } : verdict;
}

/** A job without a status of its own. */
function judgeCutShort(evidence: Evidence, conclude: Conclude): Verdict {
  const where = inPhase(evidence);
  const kind = evidence.end?.kind;
  switch (kind) {
    case 'timed-out':
      return compareBuilds(evidence, conclude('timeout', `The job took longer than its limit${where}.`), conclude);
    case 'disk-full':
      return conclude('disk', 'The disk of the test server is full.', 'disk-full');
    case 'rebooted':
      return conclude('server', `The test server was rebooted in the middle of the job${where}.`, 'server-rebooted');
    case 'panicked':
      return conclude('server', `The test server stopped with a panic of its kernel${where}.`, 'server-panicked');
    case 'out-of-memory': {
      const what = `The job failed after the kernel of the test server had killed a process for want of memory${where}.`;
      return conclude('server', what, 'server-out-of-memory');
    }
    case 'silent':
      return conclude('server', `The job gave no sign of life, though its test server answers${where}.`, 'job-silent');
    case 'lost':
    case 'exited':
    case undefined:
      return conclude('server', 'The job vanished from the test server without an exit status.', 'job-lost');
  }
}

/** Nothing that went wrong says anything about the patch when the back end was out of order meanwhile, or all fail alike. */
function judgeJob(evidence: Evidence, conclude: Conclude): Verdict | undefined {
  const { outage } = evidence;
  const trouble = judgeTests(evidence, conclude);
  if (!trouble) return undefined;
  if (outage !== undefined)
    return conclude('backend', `The back end was out of order meanwhile: ${outage}`, 'backend-sick');
  const compared = compareBuilds(evidence, trouble, conclude);
  return compared.cause?.kind === 'patch' ? compareWithBranch(evidence, compared, conclude) : compared;
}

/** A branch that failed alike before the change was there is known; that others fail alike is then no wonder. */
function compareBuilds({ branchFailure, sameFailure }: Evidence, trouble: Verdict, conclude: Conclude): Verdict {
  if (branchFailure !== undefined) return conclude('branch', `${trouble.reason} So did ${branchFailure}.`);
  if (sameFailure === undefined) return trouble;
  return conclude('lab-wide', `${trouble.reason} Those of ${sameFailure} failed alike.`, 'lab-wide');
}

/** Of tests whose names were not kept nothing can be said. */
function compareWithBranch({ baseline, failedTests, tests }: Evidence, trouble: Verdict, conclude: Conclude): Verdict {
  if (!baseline) return trouble;
  const excused = failedTests.length >= (tests?.failed ?? 0) ? excuse(failedTests, baseline) : undefined;
  if (excused) return conclude(excused.cause, `${trouble.reason} ${excused.why}`);
  const also = alsoFailing(failedTests, baseline);
  return also === undefined ? trouble : conclude('patch', `${trouble.reason} ${also}`);
}

function judgeTests(evidence: Evidence, conclude: Conclude): Verdict | undefined {
  const { unfinished, end } = evidence;
  const { passed, failed: unsuccessful } = evidence.tests ?? { passed: 0, failed: 0 };
  const failed = unsuccessful - unfinished;
  if (failed > 0) return conclude('patch', `${failed} of ${unsuccessful + passed} tests failed.`);
  if (unfinished > 0) return conclude('job', `The job ended before its tests did: ${unfinished} never finished.`);
  if (end?.kind === 'exited' && end.status !== 0)
    return conclude(
      isDevstack(evidence) ? 'devstack' : 'job',
      `The job ended with status ${end.status} without a failed test${inPhase(evidence)}.`,
    );
  return undefined;
}

/** A job that ends well without the tests it should have run proves nothing. */
function judgeSuccess({ tests, testsExpected, testsIntact }: Evidence, conclude: Conclude): Verdict {
  if (!testsExpected) return conclude(undefined, 'The job ended well.');
  if (!tests || tests.passed === 0) return conclude('job', 'The job ended well, but no test has passed.');
  if (!testsIntact) return conclude('job', 'The job ended well, but its test results are damaged.');
  return conclude(undefined, `${tests.passed} tests passed.`);
}

/** Named after `stack.sh`. */
function isDevstack({ phase }: Evidence): boolean {
  return phase !== undefined && /(?:^|[-_])(?:dev)?stack$/i.test(phase);
}

function inPhase({ phase }: Evidence): string {
  return phase === undefined ? '' : `, in phase ${phase}`;
}

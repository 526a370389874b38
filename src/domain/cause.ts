import type { ErrorCode } from './errors.ts';
import type { Result, Verdict } from './verdict.ts';

/** What a failed build failed of. Where several may be it, the one that stands higher is. */
export type Cause =
  | 'cancelled'
  | 'merge-conflict'
  | 'dependencies'
  | 'service'
  | 'cloud'
  | 'network'
  | 'server'
  | 'disk'
  | 'backend'
  | 'mirror'
  | 'lab-wide'
  | 'branch'
  | 'flaky'
  | 'devstack'
  | 'timeout'
  | 'job'
  | 'patch';

export interface CauseRule {
  /** For people, after "Cause:". */
  readonly what: string;
  readonly result: Result;
  /** Another attempt of the job, as far as its `attempts` go. */
  readonly retry: boolean;
  /** `failure`: the bad one of the pipeline; `none`: a comment alone; `no comment`: Gerrit is told nothing. */
  readonly vote: 'failure' | 'none' | 'no comment';
  /** The operator is told. */
  readonly notice: boolean;
  /** A signature of this cause in the logs explains failed tests also when it does not name them. */
  readonly explainsTests: boolean;
}

/** The one table of what follows from a cause; docs/verdicts.md shows it. */
export const causeRules: Readonly<Record<Cause, CauseRule>> = {
  cancelled: row('cancelled, or a newer patchset came', 'ABORTED', 'no comment'),
  'merge-conflict': row('the change, or one it depends on, does not merge', 'MERGE_CONFLICT', 'no comment', 'notice'),
  dependencies: row('its dependencies cannot be tested together', 'ERROR', 'none'),
  service: infra('sidegate itself or its configuration'),
  cloud: infra('the cloud that test servers run in'),
  network: infra('the network of the lab'),
  server: infra('the test server: lost, rebooted, out of memory'),
  disk: infra('a full disk'),
  backend: infra('the back end: z/VM, Feilong, or what is between'),
  // A job that went on to its tests got what it had to fetch.
  mirror: { ...infra('a mirror of packages or a git server'), explainsTests: false },
  'lab-wide': infra('the lab: builds of other changes fail in the same way at the same time'),
  branch: row('the branch: the same fails without the change too', 'ERROR', 'none'),
  flaky: { ...row('tests that are known to fail now and then', 'ERROR', 'none'), explainsTests: true },
  devstack: row('devstack, before the tests', 'ERROR', 'none'),
  timeout: row('the time limit', 'TIMED_OUT', 'none'),
  job: row('the job, beside its tests', 'ERROR', 'none'),
  patch: row('the change or the driver: tests fail while all around them is well', 'FAILURE', 'failure'),
};

function row(what: string, result: Result, vote: CauseRule['vote'], notice?: 'notice'): CauseRule {
  return { what, result, retry: false, vote, notice: notice !== undefined, explainsTests: false };
}

/** Says nothing about the change. */
function infra(what: string): CauseRule {
  return { what, result: 'NODE_FAILURE', retry: true, vote: 'none', notice: true, explainsTests: true };
}

export const causes = Object.keys(causeRules) as readonly Cause[];

export function isInfra(cause: Cause): boolean {
  return causeRules[cause].result === 'NODE_FAILURE';
}

/** What follows from a verdict; undefined: nothing, it is good. */
export function ruleOf({ cause, errorCode, result }: Verdict): CauseRule | undefined {
  const kind = cause?.kind ?? causeOfResult(result, errorCode);
  return kind && { ...causeRules[kind], ...(cause ? { retry: cause.retry } : {}) };
}

/** True when a build with this result makes its buildset's vote a bad one. */
export function votesFailure(result: Result): boolean {
  return causes.some((cause) => causeRules[cause].result === result && causeRules[cause].vote === 'failure');
}

const ofErrors: Partial<Readonly<Record<ErrorCode, Cause>>> = {
  'cloud-unreachable': 'cloud',
  'cloud-refused': 'cloud',
  'cloud-auth': 'cloud',
  'cloud-quota': 'cloud',
  'server-boot-failed': 'cloud',
  'server-boot-timeout': 'cloud',
  'server-lost': 'server',
  'host-reset-failed': 'server',
  'job-lost': 'server',
  'job-silent': 'server',
  'server-rebooted': 'server',
  'server-panicked': 'server',
  'server-out-of-memory': 'server',
  'ssh-unreachable': 'network',
  'ssh-host-key': 'network',
  'disk-full': 'disk',
  'backend-unreachable': 'backend',
  'backend-sick': 'backend',
  'backend-refused': 'backend',
  'command-failed': 'backend',
  'guard-failed': 'backend',
  'slot-dirty': 'backend',
  'slot-pending': 'backend',
  'lab-wide': 'lab-wide',
  'merge-conflict': 'merge-conflict',
};

/** Of what broke outside the job. */
export function causeOfError(code: ErrorCode): Cause {
  return ofErrors[code] ?? 'service';
}

/** Of a build that ended without a cause: before it ran, or judged by an older sidegate. Undefined: it did not fail. */
export function causeOfResult(result: Result, errorCode: string | undefined): Cause | undefined {
  switch (result) {
    case 'SUCCESS':
      return undefined;
    case 'FAILURE':
      return 'patch';
    case 'ERROR':
      return 'job';
    case 'TIMED_OUT':
      return 'timeout';
    case 'NODE_FAILURE':
      return causeOfError(errorCode as ErrorCode);
    case 'MERGE_CONFLICT':
      return 'merge-conflict';
    case 'ABORTED':
      return 'cancelled';
  }
}

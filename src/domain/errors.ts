import { entry } from './catalogue-entry.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { logErrors } from './log-errors.ts';

/** Every error sidegate tells people about. Callers decide by `code` and `retryable`, never by message text. */
export const catalogue = {
  'cloud-unreachable': entry(
    'The CI cloud did not answer.',
    'Check the network to it and auth_url in clouds.yaml.',
    true,
  ),
  'cloud-refused': entry('The CI cloud refused the request.', 'Read the detail; run `sidegate doctor`.', false),
  'cloud-auth': entry(
    'The CI cloud refused the credentials.',
    'Check user, password or application credential in clouds.yaml.',
    false,
  ),
  'cloud-quota': entry(
    'The quota of the CI cloud is used up.',
    'Raise the quota, lower `max` of the label, or delete other servers.',
    true,
  ),
  'server-boot-failed': entry(
    'The test server went to ERROR while booting.',
    'See the fault and the console log of the server.',
    true,
  ),
  'server-boot-timeout': entry(
    'The test server was not ready in time.',
    'Raise boot_timeout of the label or look at its console log.',
    true,
  ),
  'server-stuck': entry(
    'A test server is not deleted though asked for again and again.',
    'Look at it in the cloud; its administrator can reset its state. Until then it uses quota.',
    true,
  ),
  'host-reset-failed': entry(
    'A host of a rack could not be reset; nobody gets it until then.',
    'See the detail; run the reset script of the rack by hand.',
    true,
  ),
  'leftovers-found': entry(
    'The cloud has resources of sidegate that belong to nothing; the configuration says not to delete them.',
    'Run `sidegate sweep`, or set `sweep: delete` for this cloud.',
    false,
  ),
  'leftover-stuck': entry(
    'A leftover in the cloud is not deleted though asked for again and again.',
    'Look at it in the cloud; its administrator can reset its state. Until then it uses quota.',
    true,
  ),
  'cloud-removed': entry(
    'Test servers are left in a cloud that is no longer configured.',
    'Configure it again until they are deleted; or delete them by hand, then run `sidegate forget-cloud NAME`.',
    false,
  ),
  'image-failed': entry(
    'An image of our own could not be built, or builds on it failed; the last good one stays in use.',
    'See its log; mend the preparation script and run `sidegate image build LABEL`.',
    true,
  ),
  'hold-refused': entry(
    'No server is kept for this wish.',
    'Mend what the detail names; see docs/operate.md, "Hold a server".',
    false,
  ),
  'server-lost': entry('The test server disappeared during the build.', 'Find out who deleted or stopped it.', true),
  'server-rebooted': entry('The test server was rebooted in the middle of its job.', 'See server-console.txt.', true),
  'server-panicked': entry('The test server stopped with a panic of its kernel.', 'See server-console.txt.', true),
  'server-out-of-memory': entry('The test server ran out of memory.', 'Take a flavor with more of it.', true),
  'job-silent': entry('The job gave no sign of life on a server that answers.', 'See server-console.txt.', true),
  'ssh-unreachable': entry(
    'SSH to the test server does not work.',
    'Check security group, network, user and key of the label.',
    true,
  ),
  'ssh-host-key': entry(
    'The test server showed another host key than its console log.',
    'Somebody answers in its place: check the network.',
    true,
  ),
  'job-lost': entry('The job vanished from the test server without an exit status.', 'See server-console.txt.', true),
  'stale-epoch': entry(
    'Another sidegate process has taken this build over.',
    'Nothing: the other process goes on with it.',
    false,
  ),
  'disk-full': entry('The disk of the test server is full.', 'Take a flavor with a larger disk.', true),
  'backend-unreachable': entry('Feilong did not answer.', 'Check Feilong and the network to it.', true),
  'backend-sick': entry(
    'Feilong answers with errors.',
    'See overallRC, rc and rs in the detail; check SMAPI and sdkserver.',
    true,
  ),
  'lab-wide': entry(
    'Builds of other changes fail in the same way at the same time.',
    'Look at the back end, the job and the master branch: it is not the changes.',
    true,
  ),
  'known-trouble': entry(
    'The logs of a build show a trouble of the infrastructure that is known.',
    'See the signature, its lines and its bug on the page of the build.',
    true,
  ),
  'backend-refused': entry('Feilong refused the request.', 'See overallRC, rc and rs in the detail.', false),
  'drain-refused': entry(
    'The back end is not taken out of use.',
    'Mend what the detail names; see docs/operate.md, "Take a back end out of use".',
    false,
  ),
  'command-failed': entry(
    'A script of a back end failed, or its answer cannot be used.',
    'See the detail; run the script by hand: docs/command-backends.md.',
    true,
  ),
  'slot-dirty': entry(
    'What an earlier build left in a slot could not be removed.',
    'See the detail; on z/VM unlock the directory entry.',
    true,
  ),
  'slot-pending': entry(
    'A worker’s last request may still make something.',
    'Nothing: sidegate waits half a minute for it and removes it.',
    true,
  ),
  'lease-over': entry(
    'The lease of this worker is over; it may change nothing on z/VM any more.',
    'Nothing: the build is over.',
    false,
  ),
  'image-taken': entry(
    'Another worker has an image of this id on the same Feilong.',
    'Let each job upload its images into its own Glance, so that each gets an id of its own.',
    false,
  ),
  'guard-failed': entry(
    'The guard of a worker cannot listen.',
    'Check `guard` of the back end: its address must be one of this machine, its ports free.',
    true,
  ),
  'gerrit-unreachable': entry('Gerrit did not answer.', 'Check host, port and the network to it.', true),
  'gerrit-auth': entry(
    'Gerrit refused the account.',
    'Check username, private key and HTTP password; see `sidegate doctor`.',
    false,
  ),
  'gerrit-no-stream': entry(
    'The account may not read stream-events.',
    'Ask for the group "Third-Party CI" (capability streamEvents).',
    false,
  ),
  'gerrit-host-key': entry(
    'Gerrit shows another host key than the configured one.',
    'Compare with the published key before changing host_key.',
    false,
  ),
  'gerrit-refused': entry('Gerrit refused the request.', 'See the detail.', false),
  'gerrit-busy': entry('Gerrit asks to come back later.', 'Nothing: sidegate tries again.', true),
  'vote-refused': entry(
    'The account may not vote with this value on this project; the comment was posted without a vote.',
    'Ask the project to add the account to its -ci group, or remove `vote` from the pipeline.',
    false,
  ),
  'vote-dropped': entry(
    'Gerrit took the comment and dropped the vote: it does not know this label or value.',
    'Check `vote` of the pipeline against the labels of the project.',
    false,
  ),
  'report-unreadable': entry(
    'Gerrit’s summary tab, or another CI, would misread a comment: it was shortened, or it waits for a person.',
    'Check the names of CI, pipeline and jobs: `sidegate check-config`. What waits: `sidegate report list`.',
    false,
  ),
  'reports-stopped': entry(
    'Failures of a job are not reported: they are the same on every change.',
    'Look at the lab and the job; then `sidegate report resume JOB`, or do it on the page /reports.',
    false,
  ),
  'report-held': entry(
    'A bad vote waits for a person.',
    'Look at the build, then `sidegate report confirm`, `downgrade` or `drop`, or do it on the page /reports.',
    false,
  ),
  'notice-unsent': entry(
    'Notices could not be sent.',
    'Check `notices` in the configuration with `sidegate notices test`; until then look at the status page.',
    true,
  ),
  'branch-failed': entry(
    'The tip of a branch fails its tests: changes to it will too.',
    'Look at the build: the project, the job or the lab has changed. It closes with the next success of the pipeline on that branch.',
    false,
  ),
  'merge-conflict': entry(
    'A change, or one it depends on, does not merge. Gerrit is told nothing, as OpenStack asks.',
    'Nothing, where its author has to rebase it; the log of the build says which commit.',
    false,
  ),
  'carry-conflict': entry(
    'A change that a job carries does not merge with what is tested. No patch is blamed for it.',
    'Rebase it on Gerrit, or remove it from `carry` of the job.',
    false,
  ),
  'carry-unusable': entry(
    'A change that a job carries cannot be applied: it is not there, or private.',
    'Mend `carry` of the job: number, Gerrit, and that it is not private.',
    false,
  ),
  'carry-over': entry(
    'A change that a job carries is merged or abandoned.',
    'Remove it from `carry` of the job.',
    false,
  ),
  'tested-otherwise': entry(
    'What a job checked out is not what should be tested; its tests say nothing about the change.',
    'See "What was really tested" on the page of the build: a script of the job has replaced it.',
    false,
  ),
  'exclude-expired': entry(
    'A job leaves out tests until a day that has come: they are tested again.',
    'Remove the entry from `TEMPEST_EXCLUDE` of the job, or give it another day.',
    false,
  ),
  'change-closed': entry(
    'The change is closed and takes no vote.',
    'Nothing: the comment was posted without a vote.',
    false,
  ),
  'config-invalid': entry(
    'The configuration has mistakes.',
    'Mend every line listed; `sidegate check-config` checks without starting.',
    false,
  ),
  'options-invalid': entry('The options have mistakes.', 'Mend every one listed; see `--help` of the command.', false),
  'state-database': entry('The database cannot be used.', 'See the detail and docs/configure.md, "State".', false),
  'state-migration-drift': entry(
    'A migration that was applied has changed since.',
    'Restore the file, or restore the database it belongs to.',
    false,
  ),
  'input-too-large': entry(
    'Input was larger than its limit and was cut or refused.',
    'See the detail for the limit.',
    false,
  ),
  'path-refused': entry(
    'The path is no plain path below the log archive.',
    'Nothing: the file was not touched. See the detail for its name.',
    false,
  ),
  'log-gap': entry(
    'The stored log is shorter than the place to write at.',
    'Somebody truncated or removed it: see the detail.',
    false,
  ),
  ...logErrors,
  cancelled: entry('The build was asked to stop.', 'Nothing.', false),
  internal: entry('sidegate itself failed.', 'Please report it with the log of the service.', true),
  'not-found': entry('There is no such thing.', 'Check the name or number.', false),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** The one error class of sidegate. `detail` says which host, key, file or value; it must never hold a secret. */
export class SidegateError extends Error {
  override readonly name = 'SidegateError';
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${catalogue[code].what} ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get retryable(): boolean {
    return catalogue[this.code].retryable;
  }

  get todo(): string {
    return catalogue[this.code].todo;
  }
}

/** The code of a SidegateError, undefined for anything else that was thrown. */
export function errorCode(error: unknown): ErrorCode | undefined {
  return error instanceof SidegateError ? error.code : undefined;
}

/** One line for a log or a page about anything that was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  return error instanceof Error ? error.message : String(error);
}

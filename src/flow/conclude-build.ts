import { ruleOf } from '../domain/cause.ts';
import type { SidegateError } from '../domain/errors.ts';
import { catalogue } from '../domain/errors.ts';
import { testedName } from '../domain/tested-ref.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { BuildLease, RunningBuild } from '../ports/build-store.ts';
import type { HoldLimits } from '../ports/hold-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { countBuildOnImage } from './count-image-builds.ts';
import { intendReport } from './intend-report.ts';
import { remoteHostOf } from './remote-host.ts';

/** Pause before the next attempt after an infra failure, doubled with each (ms). */
const retryPause = 2000;

/**
 * 6. Conclude: writes the verdict down, gives server and slot back to be cleaned, and says what comes next: another attempt, other
 * builds of the buildset, or the report. One transaction: a build is over with all its consequences or it is not over.
 */
export async function concludeBuild(flow: Flow, lease: BuildLease, judged: Verdict): Promise<void> {
  const verdict = scrubbed(flow, judged);
  const held = await flow.store.transaction(async (tx) => {
    // An undone step runs again. Server, slot and report are claimed, with an ordinary commit, before anything is done to them.
    await tx.commitLazily();
    const build = await tx.findBuild(lease.buildId);
    if (!build) throw new Error(`build ${lease.buildId} is unknown`);
    // This step ran before and was committed; only its own success was not noted.
    if (build.state === 'done' && build.epoch === lease.epoch) return false;
    await tx.finishBuild(lease, verdict);
    await countBuildOnImage(flow, tx, { build, verdict });
    // At once: what is locked later may be waited for by another build that ends and waits here.
    const isHeld = await tx.holdServer(build.id, isFailed(verdict), holdLimits(flow, build));
    await tellOperator(flow, tx, build, verdict);
    if (ruleOf(verdict)?.retry && build.cancelReason === undefined && build.attempt < attemptsOf(flow, build)) {
      await tx.insertNextAttempt(build.id, retryPause * 2 ** (build.attempt - 1));
      return isHeld;
    }
    const closed = await tx.closeBuildset(build.buildset);
    if (closed) await intendReport(flow, tx, closed);
    return isHeld;
  });
  if (held) await leaveServer(flow, lease.buildId);
}

/** Gerrit and the pages show it. */
function scrubbed({ scrubber }: Flow, verdict: Verdict): Verdict {
  const failedTests = verdict.failedTests.map((name) => scrubber.text(name));
  const { cause } = verdict;
  const lines = cause?.lines.map((line) => ({ ...line, text: scrubber.text(line.text) })) ?? [];
  return { ...verdict, reason: scrubber.text(verdict.reason), failedTests, cause: cause && { ...cause, lines } };
}

function isFailed({ result }: Verdict): boolean {
  return result !== 'SUCCESS' && result !== 'ABORTED' && result !== 'MERGE_CONFLICT';
}

async function tellOperator(flow: Flow, tx: Store, build: RunningBuild, verdict: Verdict): Promise<void> {
  if (ruleOf(verdict)?.notice)
    await tx.saveNotice(
      verdict.result === 'MERGE_CONFLICT' ? conflictNotice(flow, build) : infraNotice(build, verdict),
    );
  // The infrastructure works again for this job.
  if (verdict.result === 'SUCCESS' || verdict.result === 'FAILURE') {
    await tx.closeNotice('all', build.job);
    await tx.closeNotice('merge-conflict', build.tested.project);
  }
}

/** The server is a person's now: this process, which ran the job there, goes. */
async function leaveServer(flow: Flow, buildId: string): Promise<void> {
  const build = await flow.store.findBuild(buildId);
  const server = build?.server === undefined ? undefined : await flow.store.findServer(build.server);
  const host = server && remoteHostOf(flow, server);
  if (host) flow.jobs.disconnect(host);
}

/** Held servers leave one of their label to builds; where it has only one, check-config has warned. */
function holdLimits({ settings }: Flow, build: RunningBuild): HoldLimits {
  const name = settings.jobs.find((job) => job.name === build.job)?.label;
  const max = settings.labels.find((label) => label.name === name)?.max ?? 1;
  return { maxServers: settings.hold.maxServers, maxOfLabel: Math.max(1, max - 1) };
}

function attemptsOf(flow: Flow, build: RunningBuild): number {
  return flow.settings.jobs.find(({ name }) => name === build.job)?.attempts ?? 1;
}

/** One per project, open until one of its changes merges: an author has to rebase his, an operator has to know when none does. */
function conflictNotice({ logsUrl }: Flow, { tested, job, logPath }: RunningBuild) {
  const text = `${testedName(tested)} (${job}) does not merge: ${logsUrl}${logPath}`;
  return { code: 'merge-conflict', subject: tested.project, text } as const;
}

function infraNotice(build: RunningBuild, verdict: Verdict) {
  const code = (verdict.errorCode ?? 'internal') as SidegateError['code'];
  const known = code in catalogue ? code : 'internal';
  return {
    code: known,
    subject: build.job,
    text: `Attempt ${build.attempt} of ${build.job} for ${testedName(build.tested)}: ${verdict.reason}`,
  };
}

import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { judge } from '../domain/judge.ts';
import type { Job } from '../domain/settings.ts';
import type { EndedJob } from '../domain/verdict.ts';
import type { RunStep } from '../ports/durable-builds.ts';
import type { BuildLease, RunningBuild } from '../ports/build-store.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import { collectArtifacts, noArtifacts } from './collect-artifacts.ts';
import type { Collected } from './collect-artifacts.ts';
import { concludeBuild } from './conclude-build.ts';
import type { Flow } from './context.ts';
import { prepareWorker } from './prepare-worker.ts';
import { publishHidden } from './publish-hidden.ts';
import { publishManifest } from './publish-manifest.ts';
import { publishGuestsAfter } from './publish-slot.ts';
import { judgeBuild } from './judge-build.ts';
import { requeueBuild } from './requeue-build.ts';
import { runJob } from './run-job.ts';
import { watchCancel } from './watch-cancel.ts';

/** What every step of a build works with. */
export interface BuildContext {
  readonly flow: Flow;
  readonly build: RunningBuild;
  readonly job: Job;
  readonly lease: BuildLease;
  /** Fires when the build shall stop. */
  readonly signal: AbortSignal;
}

/** Failures are values here: a thrown error would lose its class when the workflow is replayed. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };

/**
 * 5. Build: the durable workflow. Whoever executes it first takes the build over; from then on everything an earlier owner still tries
 * carries an older epoch and is refused by the database and by the test server.
 */
export async function runBuild(flow: Flow, buildId: string, step: RunStep): Promise<void> {
  const build = await flow.store.takeBuild(buildId, flow.self);
  if (!build) return;
  const job = flow.settings.jobs.find(({ name }) => name === build.job);
  const lease = { buildId, epoch: build.epoch };
  const cancel = watchCancel(flow, build);
  flow.active.add(buildId);
  try {
    if (job) await runSteps({ flow, build, job, lease, signal: cancel.signal }, step);
    else
      await concludeBuild(flow, lease, brokenVerdict('config-invalid', `the job ${build.job} is no longer configured`));
  } catch (error) {
    if (errorCode(error) === 'stale-epoch') {
      cancel.stop();
      return await parked();
    }
    flow.logger.error({ build: buildId, err: errorText(error) }, 'a build broke');
    await publishManifest(flow, build.logPath);
    await concludeBuild(flow, lease, brokenVerdict('internal', errorText(error)));
  } finally {
    cancel.stop();
    flow.active.delete(buildId);
  }
}

async function runSteps(context: BuildContext, step: RunStep): Promise<void> {
  const { flow, lease, signal } = context;
  const worker = await step('prepare', () => outcomeOf(() => prepareWorker(context)));
  const end: Outcome<EndedJob> = worker.ok
    ? await step('run', () => outcomeOf(() => runJob(context, worker.value)))
    : worker;
  const collected: Collected =
    worker.ok && end.ok ? await step('collect', () => collect(context, worker.value.host, end.value)) : noArtifacts;
  await step('conclude', async () => {
    const isCrowdedOut = !worker.ok && worker.code === 'cloud-quota' && !signal.aborted;
    if (isCrowdedOut && (await requeueBuild(context, worker.detail))) return;
    await flow.store.saveStep(lease, 'judge');
    const stopped = signal.aborted || isCrowdedOut ? await cancelReason(context) : undefined;
    const verdict = await judgeBuild(context, { stopped, end, collected });
    await publishHidden(context);
    await publishManifest(flow, context.build.logPath);
    await concludeBuild(flow, lease, verdict);
  });
}

async function collect(context: BuildContext, host: RemoteHost, end: EndedJob): Promise<Collected> {
  const [collected] = await Promise.all([collectArtifacts(context, host, end), publishGuestsAfter(context)]);
  return collected;
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (!(error instanceof SidegateError) || error.code === 'stale-epoch') throw error;
    return { ok: false, code: error.code, detail: error.message };
  }
}

async function cancelReason({ flow, build }: BuildContext): Promise<string> {
  return (await flow.store.findBuild(build.id))?.cancelReason ?? 'The build was cancelled.';
}

function brokenVerdict(code: ErrorCode, detail: string) {
  return judge({
    ...noArtifacts,
    cancelReason: undefined,
    infra: { code, detail },
    end: undefined,
    testsExpected: false,
    outage: undefined,
    sameFailure: undefined,
  });
}

/** Another process has the build: ending the workflow here, either way, would write an end over its work. */
function parked(): Promise<never> {
  return new Promise(() => {});
}

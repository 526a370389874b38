import { errorCode, errorText } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { consoleFile } from '../domain/log-path.ts';
import type { Job } from '../domain/settings.ts';
import type { EndedJob, JobEnd } from '../domain/verdict.ts';
import type { RemoteJob } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { followJob } from './follow-job.ts';
import { followLog } from './find-signatures.ts';
import { jobEnvironment } from './job-environment.ts';
import type { Worker } from './prepare-worker.ts';
import { publishBuildInfo } from './publish-build-info.ts';
import { followTimes } from './publish-times.ts';
import type { BuildContext } from './run-build.ts';
import { publishServerConsole } from './server-console.ts';

/** After these the console of the server is worth a look. */
const serverEnds: ReadonlySet<JobEnd['kind']> = new Set(['lost', 'silent', 'rebooted', 'panicked', 'out-of-memory']);
const serverErrors: ReadonlySet<ErrorCode | undefined> = new Set([
  'server-lost',
  'server-panicked',
  'ssh-unreachable',
] as const);

/** 5b. Run: starts the job on the test server, or attaches to it when it was started before, and follows it to its end. */
export async function runJob(context: BuildContext, worker: Worker): Promise<EndedJob> {
  const { flow, build, lease, signal } = context;
  await flow.store.saveStep(lease, 'run');
  await publishBuildInfo(context, worker.host);
  const phases = notePhases(context);
  const console = followLog(context, consoleFile);
  const times = followTimes(context);
  try {
    const end = await followJob(flow, {
      host: worker.host,
      job: remoteJob(context, worker),
      path: `${build.logPath}${consoleFile}`,
      signal,
      findServer: () => findServer(context),
      onConsole: () => {
        flow.consoleGrew(build.id);
        console.grew();
      },
      onPhase: phases.note,
      onTime: times.note,
    });
    await phases.noted();
    if (serverEnds.has(end.kind)) await publishServerConsole(context, await findServer(context));
    return { ...end, phase: phases.last() };
  } catch (error) {
    if (serverErrors.has(errorCode(error))) await publishServerConsole(context, await findServer(context));
    throw error;
  } finally {
    await console.end();
    await times.end();
  }
}

/** Asked again each time: the server the build began with may not have booted and have been replaced. */
async function findServer({ flow, build }: BuildContext): Promise<ServerRecord | undefined> {
  const id = (await flow.store.findBuild(build.id))?.server;
  return id === undefined ? undefined : flow.store.findServer(id);
}

/** Notes each phase of the job once and in order, whatever a test server that was taken over announces. */
function notePhases({ flow, build, lease, job }: BuildContext) {
  let reached = -1;
  let noted = Promise.resolve();
  const note = (phase: string) => {
    const place = job.phases.findIndex(({ name }) => name === phase);
    if (place <= reached) return;
    reached = place;
    // One after the other: two statements at once could reach the database in the wrong order.
    noted = noted
      .then(() => flow.store.saveStep(lease, 'run', phase))
      .catch((error: unknown) => {
        flow.logger.debug({ build: build.id, err: errorText(error) }, 'a phase was not noted');
      });
  };
  return { note, noted: () => noted, last: () => decidingPhase(job, reached) };
}

/** Phases that always run have no part in the result. */
function decidingPhase({ phases }: Job, reached: number): string | undefined {
  return phases.slice(0, reached + 1).findLast(({ always }) => !always)?.name;
}

function remoteJob(context: BuildContext, worker: Worker): RemoteJob {
  const { build, job, flow, lease } = context;
  return {
    id: build.id,
    epoch: lease.epoch,
    phases: job.phases,
    environment: jobEnvironment(context, worker),
    timeout: job.timeout,
    consoleLimit: flow.settings.limits.console,
  };
}

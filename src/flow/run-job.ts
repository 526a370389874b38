import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import { consoleFile } from '../domain/log-path.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { RemoteHost, RemoteJob } from '../ports/remote-jobs.ts';
import { sleep } from '../shared/clock.ts';
import { jobEnvironment } from './job-environment.ts';
import { publishBuildInfo } from './publish-build-info.ts';
import type { BuildContext } from './run-build.ts';

/** What a job may run over its limit before sidegate stops believing that the test server enforces it. */
const grace = 5 * 60_000;
const firstPause = 250;
const longestPause = 10_000;

/**
 * 5b. Run: starts the job on the test server, or attaches to it when it was started before, and follows its console into the log
 * archive. A broken connection is opened again and continues at the byte the archive ends with.
 */
export async function runJob(context: BuildContext, host: RemoteHost): Promise<JobEnd> {
  const { flow, lease, job, signal } = context;
  await flow.store.saveStep(lease, 'run');
  await publishBuildInfo(context, host);
  const remote = remoteJob(context);
  const deadline = Date.now() + job.timeout + grace;
  let goodAt = Date.now();
  let pause = firstPause;
  while (!signal.aborted && Date.now() < deadline) {
    try {
      return await followOnce(
        { ...context, signal: AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, deadline - Date.now()))]) },
        host,
        remote,
      );
    } catch (error) {
      if (errorCode(error) !== 'ssh-unreachable' || signal.aborted) throw signal.aborted ? cancelled(context) : error;
      flow.logger.warn(
        { build: context.build.id, err: errorText(error) },
        'the connection to the test server broke and is opened again',
      );
    }
    if (await serverIsGone(context))
      throw new SidegateError('server-lost', `${host.address} was deleted or stopped during the build`);
    if (await canLogIn(context, host)) goodAt = Date.now();
    if (Date.now() - goodAt > flow.settings.limits.unreachable)
      throw new SidegateError('ssh-unreachable', `${host.address} has not answered for too long`);
    await sleep(pause, signal);
    pause = Math.min(pause * 2, longestPause);
  }
  if (signal.aborted) throw cancelled(context);
  return { kind: 'timed-out' };
}

async function followOnce(context: BuildContext, host: RemoteHost, job: RemoteJob): Promise<JobEnd> {
  const { flow, build, signal } = context;
  const path = `${build.logPath}${consoleFile}`;
  let offset = await flow.archive.size(path);
  const phases = notePhases(context);
  const end = await flow.jobs.follow(host, job, {
    offset,
    signal,
    onConsole: async (chunk) => {
      // The test server keeps to the limit by itself unless the job under test has taken it over.
      if (offset < job.consoleLimit * 2) await flow.archive.writeAt(path, offset, chunk);
      offset += chunk.length;
      flow.consoleGrew(build.id);
    },
    onPhase: phases.note,
  });
  await phases.noted();
  return end;
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
  return { note, noted: () => noted };
}

function remoteJob(context: BuildContext): RemoteJob {
  const { build, job, flow, lease } = context;
  return {
    id: build.id,
    epoch: lease.epoch,
    phases: job.phases,
    environment: jobEnvironment(context),
    timeout: job.timeout,
    consoleLimit: flow.settings.limits.console,
  };
}

async function serverIsGone({ flow, build }: BuildContext): Promise<boolean> {
  // Asked again: the server the build began with may not have booted and have been replaced.
  const id = (await flow.store.findBuild(build.id))?.server;
  const server = id === undefined ? undefined : await flow.store.findServer(id);
  if (!server || server.state !== 'ready') return true;
  const cloud = flow.clouds.get(server.cloud);
  if (!cloud || server.novaId === undefined) return false;
  // A cloud that does not answer tells nothing about the server.
  const shown = await cloud.showServer(server.novaId).catch(() => 'unknown' as const);
  return shown === undefined || (shown !== 'unknown' && shown.status !== 'ACTIVE' && shown.status !== 'REBOOT');
}

async function canLogIn({ flow }: BuildContext, host: RemoteHost): Promise<boolean> {
  return flow.jobs.checkLogin(host).then(
    () => true,
    () => false,
  );
}

function cancelled({ build }: BuildContext): SidegateError {
  return new SidegateError('cancelled', `build ${build.id}`);
}

import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { RemoteHost, RemoteJob } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

/** What a job may run over its limit before sidegate stops believing that the server enforces it (ms). */
const grace = 5 * 60_000;
const firstPause = 250;
const longestPause = 10_000;
/** What Nova calls a server that runs no more. All other words pass: a server that migrates or reboots comes back, with its job or without. */
const overStates = new Set(['DELETED', 'SOFT_DELETED', 'ERROR', 'SHUTOFF']);

export interface FollowedJob {
  readonly host: RemoteHost;
  readonly job: RemoteJob;
  /** File of the log archive that gets the console. */
  readonly path: string;
  /** Fires when the job shall be left alone: then `cancelled` is thrown. */
  readonly signal: AbortSignal;
  /** The server it runs on, as it is now. */
  readonly findServer: () => Promise<ServerRecord | undefined>;
  readonly onConsole: () => void;
  readonly onPhase: (phase: string) => void;
}

/**
 * Starts a detached job on a server, or attaches to it when it was started before, and follows its console into the log archive until it
 * ends. A broken connection is opened again and continues at the byte the archive ends with.
 */
export async function followJob(flow: Flow, followed: FollowedJob): Promise<JobEnd> {
  let rest: 'write' | 'drop' = 'drop';
  try {
    const end = await followToItsEnd(flow, followed);
    rest = 'write';
    return end;
  } finally {
    await flow.archive.finish(followed.path, rest);
  }
}

async function followToItsEnd(flow: Flow, followed: FollowedJob): Promise<JobEnd> {
  const { host, job, signal } = followed;
  const deadline = Date.now() + longestRun(job) + grace;
  let goodAt = Date.now();
  let pause = firstPause;
  while (!signal.aborted && Date.now() < deadline) {
    try {
      return await followOnce(flow, followed, deadline);
    } catch (error) {
      if (signal.aborted) throw cancelled(job);
      if (errorCode(error) !== 'ssh-unreachable') throw error;
      flow.logger.warn({ job: job.id, err: errorText(error) }, 'the connection to a server broke and is opened again');
    }
    if (await isGone(flow, await followed.findServer()))
      throw new SidegateError('server-lost', `${host.address} was deleted or stopped during the build`);
    if (await canLogIn(flow, host)) goodAt = Date.now();
    if (Date.now() - goodAt > flow.settings.limits.unreachable)
      throw new SidegateError('ssh-unreachable', `${host.address} has not answered for too long`);
    await sleep(pause, signal);
    pause = Math.min(pause * 2, longestPause);
  }
  if (signal.aborted) throw cancelled(job);
  return { kind: 'timed-out' };
}

/** With the phases that run beside its limit. */
function longestRun({ phases, timeout }: RemoteJob): number {
  const always = phases.filter((phase) => phase.always).map((phase) => phase.timeout ?? 0);
  return always.reduce((sum, one) => sum + one, timeout);
}

function cancelled({ id }: RemoteJob): SidegateError {
  return new SidegateError('cancelled', `build ${id}`);
}

async function followOnce(flow: Flow, followed: FollowedJob, deadline: number): Promise<JobEnd> {
  const { host, job, path, signal, onConsole, onPhase } = followed;
  let offset = await flow.archive.size(path);
  return flow.jobs.follow(host, job, {
    offset,
    signal: AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, deadline - Date.now()))]),
    onConsole: async (chunk) => {
      // The server keeps to the limit by itself unless the job has taken it over.
      if (offset < job.consoleLimit * 2) await flow.archive.writeAt(path, offset, chunk);
      offset += chunk.length;
      onConsole();
    },
    onPhase,
  });
}

async function isGone(flow: Flow, server: ServerRecord | undefined): Promise<boolean> {
  if (server?.state !== 'ready') return true;
  const cloud = flow.clouds.get(server.cloud);
  if (!cloud || server.novaId === undefined) return false;
  // A cloud that does not answer tells nothing about the server.
  const shown = await cloud.showServer(server.novaId).catch(() => 'unknown' as const);
  return shown === undefined || (shown !== 'unknown' && overStates.has(shown.status));
}

function canLogIn(flow: Flow, host: RemoteHost): Promise<boolean> {
  return flow.jobs.checkLogin(host).then(
    () => true,
    () => false,
  );
}

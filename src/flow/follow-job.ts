import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { ConsoleMoment, RemoteHost, RemoteJob } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { sleep } from '../shared/clock.ts';
import { showsPanic } from '../domain/server-console.ts';
import type { Flow } from './context.ts';
import { readServerConsole } from './server-console.ts';

/** What a job may run over its limit before sidegate stops believing that the server enforces it (ms). */
const grace = 5 * 60_000;
const firstPause = 250;
const longestPause = 10_000;
/** For a job to be ended on its server (ms): whoever waits for the build's end does not wait longer. */
const stopPatience = 5000;
/** Before it is believed that a runner vanished on a server that goes on (ms). */
const lostPause = 3000;
/** What Nova calls a server that runs no more. All other words pass: a server that migrates or reboots comes back, with its job or without. */
const overStates = new Set(['DELETED', 'SOFT_DELETED', 'ERROR', 'SHUTOFF']);

/** Ends after which the job may still have some. */
const leavesProcesses: ReadonlySet<JobEnd['kind']> = new Set(['timed-out', 'silent', 'lost']);

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
  readonly onTime?: (moment: ConsoleMoment) => void;
}

/**
 * Starts a detached job on a server, or attaches to it when it was started before, and follows its console into the log archive until it
 * ends. A broken connection is opened again and continues at the byte the archive ends with. A job that is left alone, or whose server does
 * not end it, is ended on the server with every process it has: a person may keep the server.
 */
export async function followJob(flow: Flow, followed: FollowedJob): Promise<JobEnd> {
  let rest: 'write' | 'drop' = 'drop';
  try {
    const end = await followToItsEnd(flow, followed);
    rest = 'write';
    if (leavesProcesses.has(end.kind)) await stopJob(flow, followed);
    return end.kind === 'rebooted' || end.kind === 'lost' ? await lookForPanic(flow, followed, end) : end;
  } catch (error) {
    if (followed.signal.aborted && errorCode(error) === 'cancelled') await stopJob(flow, followed);
    throw error;
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
      return await followTwice(flow, followed, deadline);
    } catch (error) {
      if (signal.aborted) throw cancelled(job);
      if (errorCode(error) !== 'ssh-unreachable') throw error;
      flow.logger.warn({ job: job.id, err: errorText(error) }, 'the connection to a server broke and is opened again');
    }
    if (await isGone(flow, await followed.findServer()))
      throw new SidegateError('server-lost', `${host.address} was deleted or stopped during the build`);
    if (await canLogIn(flow, host)) goodAt = Date.now();
    else if (showsPanic(await readServerConsole(flow, await followed.findServer()), 'silent'))
      throw new SidegateError('server-panicked', `${host.address} does not answer any more`);
    if (Date.now() - goodAt > flow.settings.limits.unreachable)
      throw new SidegateError('ssh-unreachable', `${host.address} has not answered for too long`);
    await sleep(pause, signal);
    pause = Math.min(pause * 2, longestPause);
  }
  if (signal.aborted) throw cancelled(job);
  return { kind: 'timed-out' };
}

/** As far as its server can be reached. */
async function stopJob(flow: Flow, { host, job }: FollowedJob): Promise<void> {
  const waited = new AbortController();
  const stopped = flow.jobs.stop(host, job).catch((error: unknown) => {
    flow.logger.warn({ job: job.id, err: errorText(error) }, 'a job could not be ended on its server');
  });
  await Promise.race([stopped, sleep(stopPatience, waited.signal)]);
  waited.abort();
}

/** A server that is back may have panicked: then its console says so. */
async function lookForPanic(flow: Flow, followed: FollowedJob, end: JobEnd): Promise<JobEnd> {
  const text = await readServerConsole(flow, await followed.findServer());
  return showsPanic(text, 'back') ? { kind: 'panicked' } : end;
}

/** With the phases that run beside its limit. */
function longestRun({ phases, timeout }: RemoteJob): number {
  const always = phases.filter((phase) => phase.always).map((phase) => phase.timeout ?? 0);
  return always.reduce((sum, one) => sum + one, timeout);
}

function cancelled({ id }: RemoteJob): SidegateError {
  return new SidegateError('cancelled', `build ${id}`);
}

/** A server that goes down may end the runner first and SSH last: a runner that vanished is looked at once more. */
async function followTwice(flow: Flow, followed: FollowedJob, deadline: number): Promise<JobEnd> {
  const end = await followOnce(flow, followed, deadline);
  if (end.kind !== 'lost') return end;
  await sleep(lostPause, followed.signal);
  return await followOnce(flow, followed, deadline);
}

async function followOnce(flow: Flow, followed: FollowedJob, deadline: number): Promise<JobEnd> {
  const { host, job, path, signal, onConsole, onPhase, onTime } = followed;
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
    ...(onTime && { onTime }),
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

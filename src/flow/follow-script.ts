import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { RemoteHost, RemoteJob } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

/** What a script may run over its limit before sidegate stops believing that the server enforces it (ms). */
const grace = 5 * 60_000;
const firstPause = 250;
const longestPause = 10_000;

export interface FollowedScript {
  readonly server: ServerRecord;
  readonly host: RemoteHost;
  readonly job: RemoteJob;
  /** File of the log archive that gets the console. */
  readonly path: string;
}

/**
 * Starts a detached script on a server of sidegate, or attaches to it when it was started before, and follows its console into the log
 * archive until it ends. A broken connection is opened again and continues at the byte the archive ends with.
 */
export async function followScript(flow: Flow, script: FollowedScript): Promise<JobEnd> {
  const { host, job } = script;
  const deadline = Date.now() + job.timeout + grace;
  let goodAt = Date.now();
  let pause = firstPause;
  while (Date.now() < deadline) {
    try {
      return await followOnce(flow, script, deadline);
    } catch (error) {
      if (errorCode(error) !== 'ssh-unreachable') throw error;
      flow.logger.warn({ job: job.id, err: errorText(error) }, 'the connection to a server broke and is opened again');
    }
    if (await isGone(flow, script.server))
      throw new SidegateError('server-lost', `${host.address} was deleted or stopped`);
    if (await canLogIn(flow, host)) goodAt = Date.now();
    if (Date.now() - goodAt > flow.settings.limits.unreachable)
      throw new SidegateError('ssh-unreachable', `${host.address} has not answered for too long`);
    await sleep(pause);
    pause = Math.min(pause * 2, longestPause);
  }
  return { kind: 'timed-out' };
}

async function followOnce(flow: Flow, { host, job, path }: FollowedScript, deadline: number): Promise<JobEnd> {
  let offset = await flow.archive.size(path);
  // A script that says nothing has a console too.
  await flow.archive.writeAt(path, offset, Buffer.alloc(0));
  return flow.jobs.follow(host, job, {
    offset,
    signal: AbortSignal.timeout(Math.max(0, deadline - Date.now())),
    onConsole: async (chunk) => {
      // The server keeps to the limit by itself unless the script has broken it.
      if (offset < job.consoleLimit * 2) await flow.archive.writeAt(path, offset, chunk);
      offset += chunk.length;
    },
    onPhase: () => {},
  });
}

async function isGone(flow: Flow, { id }: ServerRecord): Promise<boolean> {
  const server = await flow.store.findServer(id);
  if (server?.state !== 'ready') return true;
  const cloud = flow.clouds.get(server.cloud);
  if (!cloud || server.novaId === undefined) return false;
  // A cloud that does not answer tells nothing about the server.
  const shown = await cloud.showServer(server.novaId).catch(() => 'unknown' as const);
  return shown === undefined || (shown !== 'unknown' && shown.status !== 'ACTIVE' && shown.status !== 'REBOOT');
}

function canLogIn(flow: Flow, host: RemoteHost): Promise<boolean> {
  return flow.jobs.checkLogin(host).then(
    () => true,
    () => false,
  );
}

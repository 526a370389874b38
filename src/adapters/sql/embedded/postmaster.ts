import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../../../shared/clock.ts';

/** The main process of a running PostgreSQL. */
export interface Postmaster {
  readonly pid: number;
  /** Empty while it is still starting. */
  readonly socketDirectory: string;
}

/** Patience in ms with each kind of shutdown: fast (breaks off transactions), immediate (recovers at the next start), kill. */
const SHUTDOWNS = [
  { signal: 'SIGINT', patience: 30_000 },
  { signal: 'SIGQUIT', patience: 10_000 },
  { signal: 'SIGKILL', patience: 10_000 },
] as const;

const STOPPING_LIMIT = 60_000;

/**
 * The postmaster of this data directory, if one runs. postmaster.pid alone proves nothing (it survives kill -9, and process ids are
 * used again), so the process must be a postgres that works in this very directory.
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = await readPidFile(data);
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid < 2 || !(await isPostgresIn(data, pid))) return undefined;
  return { pid, socketDirectory: lines[4] ?? '' };
}

/**
 * PostgreSQL clears up after a killed one itself, except when the process id in its files exists: used by another process by now, or
 * a zombie that the container's init never collects. Then it refuses to start, so we clear up, after making sure that no process at
 * all works in the data directory. Returns whether that is so.
 */
export async function clearLeftovers(data: string): Promise<boolean> {
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await workingDirectory(Number(entry))) === data) return false;
  }
  const pid = Number((await readPidFile(data))[0]);
  if (Number.isInteger(pid) && isAlive(pid)) await rm(join(data, 'postmaster.pid'), { force: true });
  return true;
}

/** Resolves when the process is gone, however hard that was. */
export async function shutDown(data: string, pid: number): Promise<void> {
  for (const { signal, patience } of SHUTDOWNS) {
    if (!(await isPostgresIn(data, pid))) return;
    process.kill(pid, signal);
    const giveUp = Date.now() + patience;
    while (Date.now() < giveUp) {
      if (!(await isPostgresIn(data, pid))) return;
      await sleep(20);
    }
  }
}

/** True when the server that broke a connection was told to end (it then removes postmaster.pid), false when it lives on or was killed. */
export async function wasStopped(data: string): Promise<boolean> {
  const giveUp = Date.now() + STOPPING_LIMIT;
  for (;;) {
    const lines = await readPidFile(data);
    const stopping = lines[7] === 'stopping' && (await findPostmaster(data)) !== undefined;
    if (!stopping || Date.now() > giveUp) return lines.length === 0;
    await sleep(50);
  }
}

async function isPostgresIn(data: string, pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return name.trim() === 'postgres' && (await workingDirectory(pid)) === data;
}

function workingDirectory(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/cwd`).catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The finished lines: it may be read while it is being written. */
async function readPidFile(data: string): Promise<string[]> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  return text
    .slice(0, 4096)
    .split('\n')
    .map((line) => line.trim())
    .slice(0, -1);
}

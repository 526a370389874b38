import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Proportional set size in MB: memory shared with other processes counts by its share. Only root and the owner may read it. */
export async function pssOf(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(pssOfOne));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** PostgreSQL's first process, from the data directory, and all that it started. */
export async function postgresProcesses(dataDirectory: string): Promise<readonly number[]> {
  const postmaster = Number((await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  return [postmaster, ...(await childrenOf(postmaster))];
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async (pid) => ({ pid, parent: await parentOf(pid) })));
  return parents.filter((one) => one.parent === parent).map(({ pid }) => pid);
}

async function parentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const found = /^PPid:\s+(\d+)$/m.exec(status);
  return found ? Number(found[1]) : undefined;
}

/** 0 for a process that has just ended. */
async function pssOfOne(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  });
  const found = /^Pss:\s+(\d+) kB$/m.exec(rollup);
  return found ? (Number(found[1]) * 1024) / 1e6 : 0;
}

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const LIMIT = 20_000;

/**
 * Environment by which processes of a cloud are known, whoever started them and however their starter ended. Python's setproctitle
 * would write over it without SPT_NOENV.
 */
export function marks(root: string, service: string): Record<string, string> {
  return { SIDEGATE_LAB_ROOT: root, SIDEGATE_LAB_SERVICE: service, SPT_NOENV: '1' };
}

/** Process ids of one service, or of the whole cloud with its servers. */
export function findProcesses(root: string, service?: string): number[] {
  const wanted = [`SIDEGATE_LAB_ROOT=${root}`];
  if (service !== undefined) wanted.push(`SIDEGATE_LAB_SERVICE=${service}`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const environment = readEnvironment(pid);
      return wanted.every((one) => environment.includes(one));
    });
}

function readEnvironment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** SIGKILL, until none is left: a process may have started another one meanwhile. */
export async function killProcesses(root: string, service?: string): Promise<void> {
  const deadline = Date.now() + LIMIT;
  for (let left = findProcesses(root, service); left.length > 0; left = findProcesses(root, service)) {
    if (Date.now() > deadline) throw new Error(`processes do not go away after SIGKILL: ${left.join(', ')}`);
    signalAll(left, 'SIGKILL');
    await wait(50);
  }
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

import { readFile, readdir } from 'node:fs/promises';
import { sleep } from '../../src/shared/clock.ts';

/**
 * Kills what simulated servers started. Their processes carry `SIMULATED_CLOUD` and `SIMULATED_SERVER_ID` in their environment, which
 * setsid, double forks and a restart of the simulator do not change.
 */
export interface Reaper {
  /** Environment of every process of that server. */
  marks(server: string): Readonly<Record<string, string>>;
  /** Resolves when no process of that server is left. */
  killServer(server: string): Promise<void>;
  /** The same for all servers of this cloud, those of an earlier simulator included. */
  killAll(): Promise<void>;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly environment: string;
  /** In the middle of execve() a process shows no environment. */
  readonly uncertain: boolean;
}

const rounds = 200;
const looksAtUncertain = 3;

export function createReaper(cloud: string): Reaper {
  const cloudMark = `SIMULATED_CLOUD=${cloud}`;
  const wanted = new Set<string>();
  let running: Promise<void> | undefined;

  /** One look through /proc serves every server that is waiting for it. */
  async function reap(): Promise<void> {
    while (wanted.size > 0) {
      const marks = [...wanted];
      wanted.clear();
      await killMarked((environment) => marks.some((mark) => environment.includes(mark)));
    }
  }

  async function kill(mark: string): Promise<void> {
    wanted.add(mark);
    // The look that is under way may have begun before this server's last process: wait for the next one.
    await running;
    running ??= reap().finally(() => {
      running = undefined;
    });
    await running;
  }

  return {
    marks: (server) => ({ SIMULATED_CLOUD: cloud, SIMULATED_SERVER_ID: server }),
    killServer: (server) => kill(`\0SIMULATED_SERVER_ID=${server}\0`),
    killAll: () => kill(`\0${cloudMark}\0`),
  };

  async function killMarked(isWanted: (environment: string) => boolean): Promise<void> {
    let uncertainLooks = 0;
    for (let round = 0; round < rounds; round += 1) {
      const processes = (await listProcesses()).filter(({ pid }) => pid !== process.pid);
      const marked = processes.filter(
        ({ environment }) => environment.includes(`\0${cloudMark}\0`) && isWanted(environment),
      );
      const uncertain = processes.some((entry) => entry.uncertain) && uncertainLooks < looksAtUncertain;
      if (marked.length === 0 && !uncertain) return;
      if (marked.length === 0) uncertainLooks += 1;
      for (const pid of withDescendants(marked, processes)) signal(pid);
      await sleep(Math.min(2 + round, 50));
    }
    throw new Error('processes of a simulated server cannot be killed');
  }
}

/** A child that threw its environment away is still a child. */
function withDescendants(marked: readonly Process[], all: readonly Process[]): Set<number> {
  const pids = new Set(marked.map(({ pid }) => pid));
  let grew = true;
  while (grew) {
    const before = pids.size;
    for (const { pid, parent } of all) if (pids.has(parent)) pids.add(pid);
    grew = pids.size > before;
  }
  return pids;
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

async function listProcesses(): Promise<readonly Process[]> {
  const names = await readdir('/proc');
  const found = await Promise.all(names.filter((name) => /^\d+$/u.test(name)).map(readProcess));
  return found.filter((entry) => entry !== undefined);
}

/** Undefined for processes of other users and for those that are gone. */
async function readProcess(name: string): Promise<Process | undefined> {
  try {
    const [environment, status] = await Promise.all([
      readFile(`/proc/${name}/environ`, 'latin1'),
      readFile(`/proc/${name}/stat`, 'latin1'),
    ]);
    // The command name in parentheses may itself hold spaces and parentheses.
    const [state, ppid] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    const parent = Number(ppid);
    // Zombies and kernel threads (children of 0 and 2) have none for good.
    const uncertain = environment === '' && state !== 'Z' && state !== 'X' && parent !== 0 && parent !== 2;
    return { pid: Number(name), parent, environment: `\0${environment}\0`, uncertain };
  } catch {
    return undefined;
  }
}

import { readFile } from 'node:fs/promises';

/** Of one processor, per second: the kernel's USER_HZ, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor seconds these processes have used, with those of their children that have ended. */
export async function cpuSecondsOf(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(pids.map(ticksOf));
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
}

/** 0 for a process that has just ended: its parent has its ticks then. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may have blanks; utime, stime, cutime and cstime are fields 14 to 17, the name is the second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' ? 0 : fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

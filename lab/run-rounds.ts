import { runAgainIfFailed } from '../test/vitest-report.ts';
import type { VitestRun } from '../test/vitest-report.ts';
import type { Lane, Round } from './plan-rounds.ts';

interface RoundsOptions {
  /** Runs one file; `lane` is no one else's meanwhile. */
  readonly run: (file: string, lane: number) => Promise<VitestRun>;
  /** No file begins when it has come (ms since 1970). */
  readonly deadline: number;
  readonly now: () => number;
  readonly say: (line: string) => void;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Files that did not begin in time. */
  readonly leftOut: readonly string[];
}

/** Runs all files, round by round. One that fails runs once more, unless many do or time is over. */
export async function runRounds(rounds: readonly Round[], options: RoundsOptions): Promise<Counts> {
  const ended: VitestRun[] = [];
  const leftOut: string[] = [];
  const isLate = () => options.now() >= options.deadline;
  const failedBefore = () => (isLate() ? Infinity : ended.flatMap((run) => run.failedFiles).length);
  const runLane = async (lane: Lane, index: number) => {
    for (const file of lane) {
      if (isLate()) leftOut.push(file);
      else ended.push(await runAgainIfFailed(() => options.run(file, index), options.say, failedBefore));
    }
  };
  for (const round of rounds) await allEnded(round.map(runLane));
  const passed = ended.reduce((total, run) => total + run.passed, 0);
  const failed = ended.reduce((total, run) => total + run.failed, 0);
  return { passed, failed, leftOut };
}

/** One that breaks must not end while the other runs on: what both use would be taken from it. */
async function allEnded(lanes: readonly Promise<void>[]): Promise<void> {
  for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
}

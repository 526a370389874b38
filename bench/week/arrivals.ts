import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One build to come; seconds. */
export interface Arrival {
  readonly at: number;
  readonly job: number;
}

/** Changes of a real week, with durations as third-party CIs of nova had them: 60 to 100 minutes, one in ten up to 200. */
export function readArrivals(week: string): readonly Arrival[] {
  const random = randomFrom(7);
  return readFileSync(join(import.meta.dirname, '..', 'arrivals', `nova-${week}.txt`), 'utf8')
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map((line) => ({ at: Number(line), job: durationOf(random(), random()) }));
}

function durationOf(kind: number, within: number): number {
  return Math.round(60 * (kind < 0.1 ? 100 + 100 * within : 60 + 40 * within));
}

/** The same numbers in each run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

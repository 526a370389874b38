import type { Arrival } from './arrivals.ts';
import type { WeekCloud, WeekResult } from './cloud.ts';

/**
 * What nobody can beat: each server is ordered so that it is ready the moment its build arrives (or the moment a place is free), and no
 * server ever waits. Builds go in the order of their arrival; with equal places no other order gives the k-th start earlier.
 */
export function clairvoyant(arrivals: readonly Arrival[], cloud: WeekCloud): WeekResult {
  const freeAt = Array.from({ length: cloud.max }, () => Number.NEGATIVE_INFINITY);
  const waiting: number[] = [];
  let use = 0;
  for (const { at, job } of arrivals) {
    freeAt.sort((a, b) => a - b);
    const start = Math.max(at, freeAt[0]! + cloud.boot);
    freeAt[0] = start + job + cloud.remove;
    waiting.push(start - at);
    use += cloud.boot + job + cloud.remove;
  }
  return { waiting, use };
}

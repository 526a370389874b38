import { isAlike } from './same-failure.ts';
import type { Result } from './verdict.ts';

/** A result of one job that was, or is about to be, reported. */
export interface ReportedResult {
  readonly result: Result;
  readonly errorCode: string | undefined;
  readonly reason: string;
  readonly failedTests: readonly string[];
  /** For people: `PROJECT CHANGE,PATCHSET`; `changeKey` is the change alone. */
  readonly name: string;
  readonly changeKey: string;
  readonly owner: string;
}

/**
 * The changes, ours first, when a job failed `limit` times in a row in the same way on different changes of at least two people; undefined: it
 * did not. `earlier` is newest first. A second result on the same change neither counts nor interrupts; a success, or another failure, interrupts.
 * One person's chain of changes with one mistake at its bottom is no storm.
 */
export function stormOf(
  ours: ReportedResult,
  earlier: readonly ReportedResult[],
  limit: number,
): readonly string[] | undefined {
  const storm = [ours];
  for (const one of earlier) {
    if (storm.length >= limit && storm.some(({ owner }) => owner !== ours.owner)) break;
    if (!failsAlike(ours, one)) break;
    if (!storm.some(({ changeKey }) => changeKey === one.changeKey)) storm.push(one);
  }
  const isStorm = storm.length >= limit && storm.some(({ owner }) => owner !== ours.owner);
  return isStorm ? storm.map(({ name }) => name) : undefined;
}

function failsAlike(one: ReportedResult, other: ReportedResult): boolean {
  if (one.result === 'SUCCESS' || one.result !== other.result) return false;
  if (one.failedTests.length > 0 || other.failedTests.length > 0)
    return isAlike(new Set(one.failedTests), new Set(other.failedTests));
  return one.errorCode === other.errorCode && (one.errorCode !== undefined || wordsOf(one) === wordsOf(other));
}

/** Of a reason, without what differs from run to run. */
function wordsOf({ reason }: ReportedResult): string {
  return reason.slice(0, 500).replace(/[0-9a-f]*\d[0-9a-f]*/gi, '#');
}

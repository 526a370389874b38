import type { SaidResult } from './read-result.ts';
import type { Outcome } from './vote.ts';

/**
 * | ours      | theirs    | comparison |
 * |-----------|-----------|------------|
 * | any       | none      | missing    |
 * | undecided | any       | unclear    |
 * | any       | undecided | unclear    |
 * | the same  | the same  | same       |
 * | one       | the other | differs    |
 */
export type Comparison = 'same' | 'differs' | 'unclear' | 'missing';

export function compareOutcomes(ours: Outcome, theirs: Outcome | undefined): Comparison {
  if (theirs === undefined) return 'missing';
  if (ours === 'undecided' || theirs === 'undecided') return 'unclear';
  return ours === theirs ? 'same' : 'differs';
}

export interface SaidOn {
  readonly patchset: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly said: SaidResult;
}

/** The last word on a patchset, of one pipeline where one is asked for. */
export function lastResult(
  results: readonly SaidOn[],
  patchset: number,
  pipeline: string | undefined,
): SaidOn | undefined {
  return results.findLast((one) => one.patchset === patchset && (pipeline ?? one.said.pipeline) === one.said.pipeline);
}

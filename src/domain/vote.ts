import type { VoteRule } from './settings.ts';
import type { Result } from './verdict.ts';

export interface VotingBuild {
  readonly result: Result;
  readonly voting: boolean;
}

/** What the builds of a buildset (the last attempt of each job) mean together. */
export type Outcome = 'success' | 'failure' | 'undecided';

/**
 * | voting builds                            | outcome   |
 * |------------------------------------------|-----------|
 * | at least one FAILURE, whatever the rest  | failure   |
 * | all SUCCESS                              | success   |
 * | anything else: infra, time-out, aborted  | undecided |
 * | none                                     | undecided |
 */
export function outcomeOf(builds: readonly VotingBuild[]): Outcome {
  const voting = builds.filter((build) => build.voting);
  if (voting.some((build) => build.result === 'FAILURE')) return 'failure';
  if (voting.length > 0 && voting.every((build) => build.result === 'SUCCESS')) return 'success';
  return 'undecided';
}

/** The vote to post; undefined: comment only. A value of 0 is posted: it takes back the vote of an earlier run on the same patchset. */
export function voteFor(
  rule: VoteRule | undefined,
  builds: readonly VotingBuild[],
): { readonly label: string; readonly value: number } | undefined {
  const outcome = outcomeOf(builds);
  if (!rule || outcome === 'undecided') return undefined;
  return { label: rule.label, value: outcome === 'success' ? rule.success : rule.failure };
}

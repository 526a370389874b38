import { votesFailure } from './cause.ts';
import type { VoteMode, VoteRule } from './settings.ts';
import type { Result } from './verdict.ts';

export interface VotingBuild {
  readonly result: Result;
  readonly voting: boolean;
}

export interface Vote {
  readonly label: string;
  readonly value: number;
}

/** What the builds of a buildset (the last attempt of each job) mean together. */
export type Outcome = 'success' | 'failure' | 'undecided';

/** One whose cause votes so makes a failure, whatever the rest; a success needs all; no voting build at all decides nothing. */
export function outcomeOf(builds: readonly VotingBuild[]): Outcome {
  const voting = builds.filter((build) => build.voting);
  if (voting.some((build) => votesFailure(build.result))) return 'failure';
  if (voting.length > 0 && voting.every((build) => build.result === 'SUCCESS')) return 'success';
  return 'undecided';
}

/** The vote to post; undefined: comment only. A value of 0 is posted: it takes back the vote of an earlier run on the same patchset. */
export function voteFor(rule: VoteRule | undefined, builds: readonly VotingBuild[]): Vote | undefined {
  const outcome = outcomeOf(builds);
  if (!rule || outcome === 'undecided') return undefined;
  return { label: rule.label, value: outcome === 'success' ? rule.success : rule.failure };
}

const modes: readonly VoteMode[] = ['none', 'positive', 'confirm', 'full'];

/** Where several entries of a project match, the most careful one counts. */
export function strictestMode(given: readonly VoteMode[]): VoteMode {
  return modes.find((mode) => given.includes(mode)) ?? 'full';
}

/**
 * | mode     | good vote | bad vote                                                     |
 * |----------|-----------|--------------------------------------------------------------|
 * | none     | none      | none                                                         |
 * | positive | posted    | 0 is posted: it takes back a good vote on the same patchset  |
 * | confirm  | posted    | waits for a person                                           |
 * | full     | posted    | posted                                                       |
 */
export function limitVote(
  vote: Vote | undefined,
  mode: VoteMode,
): { readonly vote: Vote | undefined; readonly isHeld: boolean } {
  if (vote === undefined || mode === 'none') return { vote: undefined, isHeld: false };
  if (vote.value >= 0 || mode === 'full') return { vote, isHeld: false };
  return mode === 'positive' ? { vote: { ...vote, value: 0 }, isHeld: false } : { vote, isHeld: true };
}

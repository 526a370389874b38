import { oneLine } from './sanitize.ts';
import type { Outcome } from './vote.ts';

/** What a CI said in a comment on Gerrit. */
export interface SaidResult {
  readonly outcome: Outcome;
  /** Undefined: the comment does not say. */
  readonly pipeline: string | undefined;
  readonly jobs: readonly { readonly job: string; readonly result: string; readonly voting: boolean }[];
}

/** Longer comments are not Gerrit's. */
const longest = 32_768;
const mostJobs = 200;

const header = /^Patch Set \d+:(?<votes>[^\n]*)(?:\n+|$)/;
/** Zuul's headline, and that of Jenkins' Gerrit Trigger. */
const headline = /^Build (?<word>succeeded|failed|successful|unstable|aborted)(?: \((?<pipeline>[\w-]+) pipeline\))?/im;
/** Also with the star of old CIs, which the summary tab does not read. */
const resultLine = /^[-*] (?<job>\S{1,200}) \S+ : (?<result>[A-Z_]{2,30}|Success|Failure)\b(?<rest>[^\n]*)$/gm;
const good = /^(?:succeeded|successful)$/i;

/** Undefined when it is no result: a comment of a person, a recheck, the start of a run. Text is hostile; every pattern is linear. */
export function readResult(text: string): SaidResult | undefined {
  const whole = text.slice(0, longest).replaceAll('\r', '');
  const head = header.exec(whole);
  const body = head ? whole.slice(head[0].length) : whole;
  const { pipeline, word } = headline.exec(body)?.groups ?? {};
  const jobs = readJobs(body);
  const vote = voteIn(head?.groups?.['votes'] ?? '');
  if (word === undefined && jobs.length === 0 && vote === 0) return undefined;
  return { outcome: outcomeOf({ word, jobs, vote }), pipeline, jobs };
}

function readJobs(body: string): SaidResult['jobs'] {
  return [...body.matchAll(resultLine)].slice(0, mostJobs).map(({ groups }) => ({
    job: oneLine(groups?.['job'] ?? '', 200),
    result: (groups?.['result'] ?? '').toUpperCase(),
    voting: !(groups?.['rest'] ?? '').includes('(non-voting)'),
  }));
}

/** A vote is the last word; then the jobs: a CI whose machine broke says failed too, and that is no verdict on the change. */
function outcomeOf({
  jobs,
  vote,
  word,
}: {
  readonly word: string | undefined;
  readonly jobs: SaidResult['jobs'];
  readonly vote: number;
}): Outcome {
  if (vote !== 0) return vote > 0 ? 'success' : 'failure';
  const voting = jobs.filter((one) => one.voting);
  if (voting.some(({ result }) => result === 'FAILURE')) return 'failure';
  if (word !== undefined && good.test(word)) return 'success';
  if (voting.length > 0) return voting.every(({ result }) => result === 'SUCCESS') ? 'success' : 'undecided';
  return word !== undefined && /^failed$/i.test(word) ? 'failure' : 'undecided';
}

/** Of `Verified+1 Code-Review-1`; `-Verified` takes a vote back. */
function voteIn(votes: string): number {
  return Number(/\bVerified(?<value>[+-]\d)/.exec(votes)?.groups?.['value'] ?? 0);
}

import { Refusal } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import type { Account, Change, Patchset } from '../state/model.ts';
import { trim } from './step.ts';
import type { ReviewInput } from './review-input.ts';

const maxCommentLength = 16_384;
export const patchsetLevel = '/PATCHSET_LEVEL';

export interface ReviewTarget {
  readonly change: Change;
  readonly patchset: Patchset;
}

/**
 * The votes that count. A label or value the project does not know is dropped without a word; one the account may not give
 * refuses the whole review.
 */
export function checkedVotes(
  gerrit: Gerrit,
  account: Account,
  target: ReviewTarget,
  input: ReviewInput,
): Map<string, number> {
  const wanted = Object.entries(input.labels ?? {});
  const [firstLabel] = wanted;
  if (input.on_behalf_of && firstLabel) {
    throw new Refusal(403, `not permitted to modify label "${firstLabel[0]}" on behalf of "${input.on_behalf_of}"`);
  }
  const votes = new Map<string, number>();
  for (const [name, value] of wanted) {
    const label = gerrit.accounts.label(name);
    if (label === undefined || (value !== 0 && !label.values.has(value))) continue;
    const range = gerrit.accounts.votingRange(account, target.change.project, name);
    const allowed = value === 0 || (range !== undefined && value >= range[0] && value <= range[1]);
    if (!allowed) throw new Refusal(403, `Applying label "${name}": ${value} is restricted`);
    votes.set(name, value);
  }
  return votes;
}

/** Closed changes take no vote when abandoned, and no lower one than before when merged. */
export function checkClosedRules(
  { change, patchset }: ReviewTarget,
  account: Account,
  votes: Map<string, number>,
): void {
  if (votes.size === 0 || change.status === 'NEW') return;
  if (change.status === 'ABANDONED') throw new Refusal(409, 'change is closed');
  for (const [label, value] of votes) {
    const old = change.votes.find(
      (vote) => vote.label === label && vote.accountId === account.id && vote.patchset === patchset.number,
    );
    if (value < (old?.value ?? 0)) throw new Refusal(409, `Cannot reduce vote on labels for closed change: ${label}`);
  }
}

export function checkTexts({ change, patchset }: ReviewTarget, input: ReviewInput): void {
  const texts = [trim(input.message ?? '')];
  for (const [path, comments] of Object.entries(input.comments ?? {})) {
    const known = [patchsetLevel, '/COMMIT_MSG'].includes(path) || patchset.files.some((file) => file.path === path);
    if (!known) throw new Refusal(400, `file ${path} not found in revision ${change.number},${patchset.number}`);
    texts.push(...comments.map(({ message }) => trim(message ?? '')));
  }
  const tooLong = texts.find((text) => text.length > maxCommentLength);
  if (tooLong !== undefined) {
    const limit = `Comment size exceeds limit (${tooLong.length} > ${maxCommentLength})`;
    throw new Refusal(400, `One or more comments were rejected in validation: ${limit}`);
  }
}

export function checkReviewers(gerrit: Gerrit, account: Account, input: ReviewInput): Map<Account, 'REVIEWER' | 'CC'> {
  const reviewers = new Map<Account, 'REVIEWER' | 'CC'>();
  for (const { reviewer: name, state } of input.reviewers ?? []) {
    const found = gerrit.accounts.resolve(name, account);
    if (found === undefined) {
      const error = `Account '${name}' not found\n${name} does not identify a registered user or group`;
      const body = { reviewers: { [name]: { input: name, error } }, error: 'error adding reviewer' };
      throw new Refusal(400, body.error, body);
    }
    reviewers.set(found, state);
  }
  return reviewers;
}

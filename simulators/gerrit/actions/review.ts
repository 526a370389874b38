import { randomBytes } from 'node:crypto';
import { publishCommentAdded, publishMetaUpdated, publishReviewerAdded } from '../events/publish.ts';
import { now } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import { coreOf } from '../state/model.ts';
import type { Account, Attention, Change, ChangeCore, Comment, Message, Reviewer, Vote } from '../state/model.ts';
import { checkClosedRules, checkedVotes, checkReviewers, checkTexts, patchsetLevel } from './review-checks.ts';
import type { ReviewTarget } from './review-checks.ts';
import type { ReviewInput } from './review-input.ts';
import { inAttentionSet, newId, setAttention, setReviewer, trim } from './step.ts';

export interface ReviewResult {
  readonly change: Change;
  /** The votes that counted; undefined when none were asked for. */
  readonly labels: Readonly<Record<string, number>> | undefined;
}

interface Draft extends ReviewTarget {
  readonly account: Account;
  readonly input: ReviewInput;
  readonly id: string;
  readonly at: number;
  readonly tag: string | undefined;
  readonly votes: ReadonlyMap<string, number>;
  readonly comments: readonly Comment[];
}

/** Posts a review: votes, message and comments in one step, or nothing at all. Needs no git. */
export function postReview(gerrit: Gerrit, account: Account, target: ReviewTarget, input: ReviewInput): ReviewResult {
  const votes = checkedVotes(gerrit, account, target, input);
  checkClosedRules(target, account, votes);
  checkTexts(target, input);
  const reviewers = checkReviewers(gerrit, account, input);
  const tag = trim(input.tag ?? '') || undefined;
  const base = { ...target, account, input, id: newId(), at: now(), tag, votes };
  const draft: Draft = { ...base, comments: newComments(base) };
  const message = messageOf(draft);
  const labels = input.labels == null ? undefined : Object.fromEntries(votes);
  if (message === undefined && reviewers.size === 0) return { change: target.change, labels };

  const core = nextCore(draft, reviewers, message !== undefined);
  const change = gerrit.store.apply({
    core,
    ...(message === undefined ? {} : { messages: [message] }),
    ...(draft.comments.length === 0 ? {} : { comments: draft.comments }),
  });
  announce(gerrit, draft, { before: target.change, after: change, message, reviewers });
  return { change, labels };
}

function newComments({ account, change, patchset, input, id, at }: Omit<Draft, 'comments'>): Comment[] {
  const comments = Object.entries(input.comments ?? {}).flatMap(([path, list]) =>
    list.map((comment): Comment => ({
      id: `${randomBytes(4).toString('hex')}_${randomBytes(4).toString('hex')}`,
      path,
      patchset: patchset.number,
      ...(comment.line ? { line: comment.line } : {}),
      ...(comment.in_reply_to === undefined ? {} : { inReplyTo: comment.in_reply_to }),
      message: trim(comment.message ?? ''),
      unresolved: comment.unresolved ?? false,
      authorId: account.id,
      at,
      messageId: id,
    })),
  );
  const wanted = comments.filter(({ message }) => message !== '');
  if (!input.omit_duplicate_comments) return wanted;
  const known = new Set(change.comments.map(commentKey));
  return wanted.filter((comment) => !known.has(commentKey(comment)));
}

function commentKey({ path, patchset, line, message, unresolved }: Comment): string {
  return JSON.stringify([path, patchset, line ?? 0, message, unresolved]);
}

function votesOf(change: Change, accountId: number, patchset: number): Vote[] {
  return change.votes.filter((vote) => vote.accountId === accountId && vote.patchset === patchset);
}

/** `Patch Set 3: Verified+1\n\n(1 comment)\n\ntext`; undefined when there is nothing to say. */
function messageOf(draft: Draft): Message | undefined {
  const { account, change, patchset, votes, comments, input, id, at, tag } = draft;
  const old = votesOf(change, account.id, patchset.number);
  const changed = [...votes]
    .filter(([label, value]) => value !== (old.find((vote) => vote.label === label)?.value ?? 0))
    .map(([label, value]) => (value === 0 ? `-${label}` : `${label}${value > 0 ? '+' : ''}${value}`));
  const votesText = changed.toSorted().map((text) => ` ${text}`);
  const count = comments.length === 1 ? '\n\n(1 comment)' : `\n\n(${comments.length} comments)`;
  const said = trim(input.message ?? '');
  const text = [...votesText, comments.length === 0 ? '' : count, said === '' ? '' : `\n\n${said}`].join('');
  if (text === '') return undefined;
  const message = `Patch Set ${patchset.number}:${text}`;
  return { id, ...(tag === undefined ? {} : { tag }), authorId: account.id, at, message, patchset: patchset.number };
}

function nextCore(draft: Draft, added: ReadonlyMap<Account, 'REVIEWER' | 'CC'>, spoke: boolean): ChangeCore {
  const { change, at, id, account } = draft;
  let reviewers: readonly Reviewer[] = change.reviewers;
  for (const [{ id: accountId }, state] of added) {
    reviewers = setReviewer(reviewers, { accountId, state, at, byId: account.id });
  }
  const state = draft.votes.size > 0 ? 'REVIEWER' : 'CC';
  if (spoke && (state === 'REVIEWER' || account.id !== change.ownerId)) {
    reviewers = setReviewer(reviewers, { accountId: account.id, state, at, byId: account.id });
  }
  const attention = spoke ? nextAttention(draft) : change.attention;
  return { ...coreOf(change), updatedAt: at, metaRevision: id, votes: nextVotes(draft), reviewers, attention };
}

/** Every label named is voted anew, so that tag and time follow; a vote of 0 is no vote. */
function nextVotes({ change, account, patchset, votes, at, tag }: Draft): Vote[] {
  const kept = change.votes.filter(
    (vote) => vote.accountId !== account.id || vote.patchset !== patchset.number || !votes.has(vote.label),
  );
  const given = [...votes].filter(([, value]) => value !== 0);
  const head = { accountId: account.id, patchset: patchset.number, at, ...(tag === undefined ? {} : { tag }) };
  return [...kept, ...given.map(([label, value]): Vote => ({ ...head, label, value }))];
}

/** A reply hands the change back to its owner. */
function nextAttention({ change, account, at }: Draft): readonly Attention[] {
  if (change.status !== 'NEW') return change.attention;
  let { attention } = change;
  const byOwner = account.id === change.ownerId;
  if (inAttentionSet(attention, account.id)) {
    attention = setAttention(attention, { accountId: account.id, operation: 'REMOVE', at, reason: 'removed on reply' });
  }
  if (byOwner || change.wip || inAttentionSet(attention, change.ownerId)) return attention;
  const reason = 'Someone else replied on the change';
  return setAttention(attention, { accountId: change.ownerId, operation: 'ADD', at, reason });
}

interface Outcome {
  readonly before: Change;
  readonly after: Change;
  readonly message: Message | undefined;
  readonly reviewers: ReadonlyMap<Account, 'REVIEWER' | 'CC'>;
}

function announce(gerrit: Gerrit, draft: Draft, { before, after, message, reviewers }: Outcome): void {
  const { account, patchset } = draft;
  publishMetaUpdated(gerrit, account, before, after);
  for (const [reviewer, state] of reviewers) {
    const isNew = !before.reviewers.some(({ accountId }) => accountId === reviewer.id);
    if (isNew && state === 'REVIEWER') publishReviewerAdded(gerrit, account, reviewer, after);
  }
  if (message === undefined) return;
  publishCommentAdded(gerrit, after, {
    author: account,
    patchset,
    comment: eventComment(draft, message),
    before: votesOf(before, account.id, patchset.number),
    after: votesOf(after, account.id, patchset.number),
  });
}

/** The stream carries the text of the first patchset-level comment instead of `(1 comment)`, which is all REST messages have. */
function eventComment({ comments, patchset }: Draft, { message }: Message): string {
  const first = comments.find(({ path }) => path === patchsetLevel);
  return first === undefined ? message : `Patch Set ${patchset.number}:\n\n${first.message}`;
}

import { randomBytes } from 'node:crypto';
import { now } from '../gerrit.ts';
import { coreOf, currentPatchset } from '../state/model.ts';
import type { Account, Attention, Change, ChangeCore, Message, Reviewer } from '../state/model.ts';

/** A fresh id that looks like a commit: NoteDb's message ids are commit ids. */
export function newId(): string {
  return randomBytes(20).toString('hex');
}

/** Java's trim: control characters and spaces, nothing of Unicode. */
export function trim(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is what Java does
  return text.replaceAll(/^[\u0000- ]+|[\u0000- ]+$/g, '');
}

/** A message and the core of the change it belongs to, both of the same NoteDb commit. */
export function messageStep(
  change: Change,
  author: Account,
  text: { message: string; tag?: string; patchset?: number },
): { core: ChangeCore; message: Message } {
  const at = now();
  const id = newId();
  const message: Message = {
    id,
    ...(text.tag === undefined ? {} : { tag: text.tag }),
    authorId: author.id,
    at,
    message: text.message,
    patchset: text.patchset ?? currentPatchset(change).number,
  };
  return { core: { ...coreOf(change), updatedAt: at, metaRevision: id }, message };
}

/** `Abandoned`, or `Abandoned\n\nreason`. */
export function withReason(text: string, reason: string): string {
  return reason === '' ? text : `${text}\n\n${reason}`;
}

export function setAttention(attention: readonly Attention[], entry: Attention): Attention[] {
  return [...attention.filter(({ accountId }) => accountId !== entry.accountId), entry];
}

export function clearAttention(attention: readonly Attention[], reason: string, at: number): Attention[] {
  return attention.map((entry) =>
    entry.operation === 'REMOVE' ? entry : { ...entry, operation: 'REMOVE', at, reason },
  );
}

export function inAttentionSet(attention: readonly Attention[], accountId: number): boolean {
  return attention.some((entry) => entry.accountId === accountId && entry.operation === 'ADD');
}

/** Adds a reviewer, or makes one of a CC; never the other way round. */
export function setReviewer(reviewers: readonly Reviewer[], entry: Reviewer): readonly Reviewer[] {
  const known = reviewers.find(({ accountId }) => accountId === entry.accountId);
  if (known?.state === 'REVIEWER' || known?.state === entry.state) return reviewers;
  return [...reviewers.filter((reviewer) => reviewer !== known), entry];
}

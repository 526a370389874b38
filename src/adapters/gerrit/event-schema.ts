import { z } from 'zod';
import type { StreamedType } from '../../domain/event.ts';
import { account, commitId, freeText, hashtags, patchsetKind, plainName, positive, seconds, topic } from './fields.ts';

/** Gerrit's own type for each of ours. */
const sentAs: Readonly<Record<StreamedType, string>> = {
  'patchset-created': 'patchset-created',
  'comment-added': 'comment-added',
  'change-abandoned': 'change-abandoned',
  'change-merged': 'change-merged',
  'change-restored': 'change-restored',
  'ready-for-review': 'wip-state-changed',
  'made-public': 'private-state-changed',
  'ref-updated': 'ref-updated',
};

/** For `-s`. Gerrit sends `dropped-output` whatever is asked for. */
export function typesToAskFor(wanted: readonly StreamedType[]): readonly string[] {
  return wanted.map((type) => sentAs[type]);
}

export const anyEvent = z.object({ type: z.string().transform((type) => type.slice(0, 64).toWellFormed()) });

const change = z.object({
  project: plainName,
  branch: plainName,
  id: plainName,
  number: positive,
  subject: freeText(1000),
  owner: account.optional(),
  /** Sent only when true. */
  wip: z.boolean().default(false),
  private: z.boolean().default(false),
  topic,
  hashtags,
});

const patchSet = z.object({
  number: positive,
  revision: commitId,
  createdOn: seconds.optional(),
  kind: patchsetKind.optional(),
});

const patchsetLevel = z.array(z.object({ message: z.string() }));

/** A new patchset, and what happens to the change as a whole. */
export const patchsetEvent = z.object({ change, patchSet, eventCreatedOn: seconds });

export const commentAdded = z.object({
  change,
  patchSet,
  author: account.optional(),
  comment: z.string(),
  /** All labels with their values; `oldValue` only where this comment changed one. */
  approvals: z
    .array(z.object({ type: z.string().max(100), value: z.coerce.number(), oldValue: z.coerce.number().optional() }))
    .max(100)
    .default([]),
  /** Not sent by 3.10 and 3.13; others send patchset-level comments here. */
  patchSetComments: z.object({ '/PATCHSET_LEVEL': patchsetLevel.optional() }).optional(),
  eventCreatedOn: seconds,
});

export const changeClosed = z.object({ change, eventCreatedOn: seconds });

/** Of any ref: branches, changes, tags. A deleted one has zeros. */
export const refUpdated = z.object({
  refUpdate: z.object({ refName: plainName, newRev: commitId, project: plainName }),
  eventCreatedOn: seconds,
});

export type StreamChange = z.infer<typeof change>;
export type StreamPatchSet = z.infer<typeof patchSet>;

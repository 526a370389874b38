import { z } from 'zod';
import { account, commitId, freeText, plainName, positive, seconds } from './fields.ts';

/** Types asked for with `-s`. Gerrit sends `dropped-output` whatever is asked for. */
export const subscribedTypes = ['patchset-created', 'comment-added', 'change-abandoned', 'change-merged'] as const;

export const anyEvent = z.object({ type: z.string().transform((type) => type.slice(0, 64).toWellFormed()) });

const change = z.object({
  project: plainName,
  branch: plainName,
  id: plainName,
  number: positive,
  subject: freeText(1000),
  owner: account.optional(),
});

const patchSet = z.object({ number: positive, revision: commitId, createdOn: seconds.optional() });

const patchsetLevel = z.array(z.object({ message: z.string() }));

export const patchsetCreated = z.object({ change, patchSet, eventCreatedOn: seconds });

export const commentAdded = z.object({
  change,
  patchSet,
  author: account.optional(),
  comment: z.string(),
  /** Not sent by 3.10 and 3.13; others send patchset-level comments here. */
  patchSetComments: z.object({ '/PATCHSET_LEVEL': patchsetLevel.optional() }).optional(),
  eventCreatedOn: seconds,
});

export const changeClosed = z.object({ change, eventCreatedOn: seconds });

export type StreamChange = z.infer<typeof change>;
export type StreamPatchSet = z.infer<typeof patchSet>;

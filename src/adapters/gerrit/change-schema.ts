import { z } from 'zod';
import type { ChangeFacts, PatchsetKind } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { Patchset } from '../../domain/patchset.ts';
import {
  account,
  accountName,
  changePage,
  changeRef,
  commitId,
  freeText,
  hashtags,
  patchsetKind,
  plainName,
  positive,
  topic,
} from './fields.ts';

/** `2026-11-22 15:04:32.000000000`, UTC, as milliseconds since 1970. */
const timestamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
  .transform((text) => Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`))
  .pipe(z.int());

const revision = z.object({
  _number: positive,
  created: timestamp,
  kind: patchsetKind.optional(),
  commit: z.object({ message: z.string() }).optional(),
});

export const changeMessage = z.object({
  id: z.string().max(100),
  tag: z.string().optional(),
  author: account.optional(),
  date: timestamp,
  message: z.string(),
  _revision_number: positive.optional(),
});

export const changeInfo = z.object({
  project: plainName,
  branch: plainName,
  change_id: plainName,
  _number: positive,
  subject: freeText(1000),
  status: z.string(),
  owner: account.optional(),
  current_revision: commitId.optional(),
  revisions: z.record(commitId, revision).optional(),
  messages: z.array(changeMessage).optional(),
  /** Sent only when true. */
  work_in_progress: z.boolean().default(false),
  is_private: z.boolean().default(false),
  topic,
  hashtags,
});

/** Answer of `/comments`: file to comments; only the pseudo file of patchset-level comments is read. */
export const changeComments = z.object({
  '/PATCHSET_LEVEL': z
    .array(z.object({ change_message_id: z.string().max(100).optional(), message: z.string() }))
    .optional(),
});

export type ChangeInfo = z.infer<typeof changeInfo>;
export type ChangeMessage = z.infer<typeof changeMessage>;

export interface DatedPatchset {
  readonly patchset: Patchset;
  readonly createdAt: number;
  readonly kind: PatchsetKind | undefined;
}

export function factsOf(info: ChangeInfo): ChangeFacts {
  const { is_private: isPrivate, work_in_progress: isWorkInProgress } = info;
  return { isWorkInProgress, isPrivate, topic: info.topic, hashtags: info.hashtags };
}

/** The asked patchset among the revisions that came with the change, or the current one. */
export function patchsetOf(
  info: ChangeInfo,
  number: number | undefined,
  connection: Pick<GerritAccess, 'name' | 'url'>,
): DatedPatchset | undefined {
  const entries = Object.entries(info.revisions ?? {});
  const found = entries.find(([id, { _number }]) =>
    number === undefined ? id === info.current_revision : _number === number,
  );
  if (!found) return undefined;
  const [id, { _number, created, kind }] = found;
  const patchset = {
    connection: connection.name,
    project: info.project,
    branch: info.branch,
    number: info._number,
    changeId: info.change_id,
    subject: info.subject,
    owner: accountName(info.owner),
    url: changePage(connection.url, info.project, info._number),
    patchset: _number,
    revision: id,
    ref: changeRef(info._number, _number),
  };
  return { patchset, createdAt: created, kind };
}

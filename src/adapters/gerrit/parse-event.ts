import type { z } from 'zod';
import type { ChangeEvent, ChangeFacts, PatchsetEvent } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { Change, Patchset } from '../../domain/patchset.ts';
import { tipKey } from '../../domain/tested-ref.ts';
import type { ParsedLine } from '../../ports/code-review.ts';
import { toBranchTip } from './branch-tips.ts';
import { commentTexts } from './comment-text.ts';
import { eventKey } from './event-key.ts';
import { anyEvent, changeClosed, commentAdded, patchsetEvent, refUpdated } from './event-schema.ts';
import type { StreamChange, StreamPatchSet } from './event-schema.ts';
import { accountName, changePage, changeRef, commentAuthor } from './fields.ts';
import { longestLine } from './line-splitter.ts';

type Connection = Pick<GerritAccess, 'name' | 'url'>;

/** Turns one line of the stream into an event, or says why not. Never throws: the line is hostile input. */
export function parseEvent(line: string, connection: Connection): ParsedLine {
  if (line.length > longestLine) return ignored('unknown', `longer than ${longestLine} characters`);
  const sent = parseJson(line);
  if (sent === undefined) return ignored('unknown', 'no JSON');
  const typed = anyEvent.safeParse(sent);
  if (!typed.success) return ignored('unknown', describe(typed.error));
  return parseTyped(typed.data.type, sent, connection);
}

function parseTyped(type: string, sent: unknown, connection: Connection): ParsedLine {
  switch (type) {
    case 'dropped-output':
      return { kind: 'dropped' };
    case 'patchset-created':
    case 'change-restored':
    case 'wip-state-changed':
    case 'private-state-changed':
      return parsePatchsetEvent(type, sent, connection);
    case 'comment-added':
      return parseCommentAdded(sent, connection);
    case 'change-abandoned':
    case 'change-merged':
      return parseChangeClosed(type, sent, connection);
    case 'ref-updated':
      return parseRefUpdated(sent, connection);
    default:
      return ignored(type, 'not a type sidegate acts on');
  }
}

type PatchsetType = 'patchset-created' | 'change-restored' | 'wip-state-changed' | 'private-state-changed';

function parsePatchsetEvent(sentType: PatchsetType, sent: unknown, connection: Connection): ParsedLine {
  const parsed = patchsetEvent.safeParse(sent);
  if (!parsed.success) return ignored(sentType, describe(parsed.error));
  const { change, patchSet, eventCreatedOn } = parsed.data;
  const type = typeOf(sentType, change);
  if (type === undefined) return ignored(sentType, 'the change is hidden now, which ends nothing');
  // REST tells the time of the patchset too; `eventCreatedOn` may be a second later.
  const at = type === 'patchset-created' ? (patchSet.createdOn ?? eventCreatedOn) : eventCreatedOn;
  const patchset = toPatchset(change, patchSet, connection);
  // REST tells the kind of a new patchset only.
  const kind = type === 'patchset-created' ? patchSet.kind : undefined;
  return heard({ type, patchset, kind, facts: toFacts(change), createdAt: at * 1000 });
}

/** Gerrit sends one type for both directions. */
function typeOf(type: PatchsetType, { wip, private: isPrivate }: StreamChange): PatchsetEvent['type'] | undefined {
  if (type === 'wip-state-changed') return wip ? undefined : 'ready-for-review';
  if (type === 'private-state-changed') return isPrivate ? undefined : 'made-public';
  return type;
}

function toFacts({ hashtags, private: isPrivate, topic, wip }: StreamChange): ChangeFacts {
  return { isWorkInProgress: wip, isPrivate, topic, hashtags };
}

function parseCommentAdded(sent: unknown, connection: Connection): ParsedLine {
  const parsed = commentAdded.safeParse(sent);
  if (!parsed.success) return ignored('comment-added', describe(parsed.error));
  const { approvals, change, patchSet, author, comment, patchSetComments, eventCreatedOn } = parsed.data;
  const patchsetLevel = patchSetComments?.['/PATCHSET_LEVEL'] ?? [];
  return heard({
    type: 'comment-added',
    patchset: toPatchset(change, patchSet, connection),
    facts: toFacts(change),
    approvals: approvals
      .filter(({ value, oldValue }) => oldValue !== undefined && oldValue !== value)
      .map(({ type, value }) => ({ label: type, value })),
    author: commentAuthor(author),
    texts: commentTexts(
      comment,
      patchsetLevel.map(({ message }) => message),
    ),
    messageId: undefined,
    createdAt: eventCreatedOn * 1000,
  });
}

function parseChangeClosed(
  type: 'change-abandoned' | 'change-merged',
  sent: unknown,
  connection: Connection,
): ParsedLine {
  const parsed = changeClosed.safeParse(sent);
  if (!parsed.success) return ignored(type, describe(parsed.error));
  return heard({
    type,
    change: toChange(parsed.data.change, connection),
    createdAt: parsed.data.eventCreatedOn * 1000,
  });
}

function parseRefUpdated(sent: unknown, connection: Connection): ParsedLine {
  const parsed = refUpdated.safeParse(sent);
  if (!parsed.success) return ignored('ref-updated', describe(parsed.error));
  const { refUpdate, eventCreatedOn } = parsed.data;
  const { newRev: revision, project, refName: ref } = refUpdate;
  const tip = toBranchTip({ connection: connection.name, project, ref, revision });
  if (!tip) return ignored('ref-updated', 'not a branch, or it was deleted');
  const createdAt = eventCreatedOn * 1000;
  return { kind: 'event', key: tipKey(tip), event: { type: 'ref-updated', tip, pipeline: undefined, createdAt } };
}

function toChange(change: StreamChange, connection: Connection): Change {
  return {
    connection: connection.name,
    project: change.project,
    branch: change.branch,
    number: change.number,
    changeId: change.id,
    subject: change.subject,
    owner: accountName(change.owner),
    url: changePage(connection.url, change.project, change.number),
  };
}

function toPatchset(change: StreamChange, patchSet: StreamPatchSet, connection: Connection): Patchset {
  const ref = changeRef(change.number, patchSet.number);
  return { ...toChange(change, connection), patchset: patchSet.number, revision: patchSet.revision, ref };
}

function heard(event: ChangeEvent): ParsedLine {
  return { kind: 'event', key: eventKey(event), event };
}

function ignored(type: string, reason: string): ParsedLine {
  return { kind: 'ignored', type, reason };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The first fault with its path; values are left out, they may be anything. */
function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  return `malformed at ${issue?.path.join('.') || 'the top'}: ${issue?.code ?? 'unknown'}`;
}

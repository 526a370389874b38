import type { z } from 'zod';
import type { ReviewEvent } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { Change, Patchset } from '../../domain/patchset.ts';
import type { ParsedLine } from '../../ports/code-review.ts';
import { commentTexts } from './comment-text.ts';
import { eventKey } from './event-key.ts';
import { anyEvent, changeClosed, commentAdded, patchsetCreated } from './event-schema.ts';
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
      return parsePatchsetCreated(sent, connection);
    case 'comment-added':
      return parseCommentAdded(sent, connection);
    case 'change-abandoned':
    case 'change-merged':
      return parseChangeClosed(type, sent, connection);
    default:
      return ignored(type, 'not a type sidegate acts on');
  }
}

function parsePatchsetCreated(sent: unknown, connection: Connection): ParsedLine {
  const parsed = patchsetCreated.safeParse(sent);
  if (!parsed.success) return ignored('patchset-created', describe(parsed.error));
  const { change, patchSet, eventCreatedOn } = parsed.data;
  // REST tells this time too; `eventCreatedOn` may be a second later.
  const createdAt = (patchSet.createdOn ?? eventCreatedOn) * 1000;
  return heard({ type: 'patchset-created', patchset: toPatchset(change, patchSet, connection), createdAt });
}

function parseCommentAdded(sent: unknown, connection: Connection): ParsedLine {
  const parsed = commentAdded.safeParse(sent);
  if (!parsed.success) return ignored('comment-added', describe(parsed.error));
  const { change, patchSet, author, comment, patchSetComments, eventCreatedOn } = parsed.data;
  const patchsetLevel = patchSetComments?.['/PATCHSET_LEVEL'] ?? [];
  return heard({
    type: 'comment-added',
    patchset: toPatchset(change, patchSet, connection),
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

function heard(event: ReviewEvent): ParsedLine {
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

import { changeOf } from '../domain/event.ts';
import type { ChangeEvent } from '../domain/event.ts';
import { tipKey } from '../domain/tested-ref.ts';
import type { CodeReview, MessageName } from '../ports/code-review.ts';
import type { HeardEvent } from '../ports/journal-store.ts';
import { configuredTips } from './configured-tips.ts';
import type { Flow } from './context.ts';
import { journalEvents } from './journal-events.ts';

/** Clocks differ, timestamps are whole seconds, an index commits late: look a little further back. Hearing twice costs nothing. */
const overlap = 10 * 60_000;
const batchSize = 100;

/** 1b. Fill the gap: journals what happened while the stream was away, as Gerrit's REST interface tells it. */
export async function fillGap(flow: Flow, review: CodeReview, since: number): Promise<void> {
  const projects = flow.settings.projects
    .filter((project) => project.connection === review.name)
    .map((project) => project.project);
  const from = since - overlap;
  const known = async (messages: readonly MessageName[]) => {
    const ids = new Map(messages.map((message) => [messageKey(message), message.id]));
    const journaled = await flow.store.knownKeys(review.name, [...ids.keys()]);
    return new Set([...journaled].flatMap((key) => ids.get(key) ?? []));
  };
  let batch: HeardEvent[] = [];
  let found = 0;
  for await (const event of review.eventsSince(from, [...new Set(projects)], known)) {
    // The query finds changes by their last update; an old patchset of a change that only got a comment was not missed.
    if (event.createdAt < from) continue;
    batch.push({ connection: review.name, key: backfillKey(event), source: 'backfill', event });
    if (batch.length < batchSize) continue;
    found += await journalEvents(flow, batch);
    batch = [];
  }
  found += await journalEvents(flow, batch);
  found += await journalEvents(flow, await missedTips(flow, review));
  if (found > 0) flow.logger.info({ gerrit: review.name, found }, 'events missed by the stream were found');
}

/** Of branches some pipeline waits for, as they are now: what came in between nobody needs. A tip that was never heard of is new. */
async function missedTips(flow: Flow, review: CodeReview): Promise<readonly HeardEvent[]> {
  const waiting = flow.settings.pipelines.filter(({ triggers }) =>
    triggers.some(({ event }) => event === 'ref-updated'),
  );
  const tips = await configuredTips(flow, review, waiting);
  const createdAt = Date.now();
  return tips.map((tip) => ({
    connection: review.name,
    key: tipKey(tip),
    source: 'backfill',
    event: { type: 'ref-updated', tip, pipeline: undefined, createdAt },
  }));
}

/** A patchset has the same key over the stream; a comment is paired by its content, its key is Gerrit's message id. */
function backfillKey(event: ChangeEvent): string {
  if (event.type === 'patchset-created')
    return `patchset-created:${event.patchset.project}~${event.patchset.number}/${event.patchset.patchset}`;
  if (event.type === 'comment-added')
    return messageKey({ ...event.patchset, change: event.patchset.number, id: event.messageId ?? '' });
  // Heard over the stream too, perhaps a second apart: such events run only what has no result yet.
  const change = changeOf(event);
  return `${event.type}:${change.project}~${change.number}@${event.createdAt}`;
}

function messageKey({ project, change, id }: MessageName): string {
  return `message:${project}~${change}/${id}`;
}

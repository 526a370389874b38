import { randomUUID } from 'node:crypto';
import type { CodeReview } from '../ports/code-review.ts';
import { journalEvents } from './journal-events.ts';
import type { Flow } from './context.ts';

/** Journals a patchset as if somebody had asked for it on Gerrit; the running service does the rest. */
export async function enqueueChange(
  flow: Pick<Flow, 'store'>,
  review: CodeReview,
  change: { number: number; patchset: number | undefined },
) {
  const event = await review.findPatchset(change.number, change.patchset);
  await journalEvents(flow, [
    {
      connection: review.name,
      key: `manual:${randomUUID()}`,
      source: 'manual',
      event: { ...event, createdAt: Date.now() },
    },
  ]);
  return event.patchset;
}

import type { HeardEvent } from '../ports/journal-store.ts';
import type { Flow } from './context.ts';

/** Stream and backfill write one after the other: they must see each other's view of the same comment. */
export async function journalEvents(flow: Pick<Flow, 'store'>, events: readonly HeardEvent[]): Promise<number> {
  const connection = events[0]?.connection;
  if (connection === undefined) return 0;
  return flow.store.transaction(async (tx) => {
    await tx.lock(`journal ${connection}`);
    return tx.appendEvents(events);
  });
}

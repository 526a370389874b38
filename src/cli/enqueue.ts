import { createRackHosts } from '../adapters/sql/rack-hosts.ts';
import { oneLine } from '../domain/sanitize.ts';
import { enqueueChange } from '../flow/enqueue-change.ts';
import { createNeighbours } from '../neighbours.ts';
import { createLogger } from '../shared/logger.ts';
import { withState } from './open-state.ts';

/** `sidegate enqueue CHANGE`: its number, with its patchset, or its address. */
export async function enqueue(change: string, options: { config: string; gerrit?: string }): Promise<void> {
  await withState(options.config, async ({ configuration, database, store }) => {
    const { reviews } = createNeighbours(configuration, createRackHosts(database.pool), createLogger('warn'));
    const found = await enqueueChange({ store, reviews }, { change, gerrit: options.gerrit });
    console.log(`Enqueued ${found.project} ${found.number},${found.patchset}: ${oneLine(found.subject, 100)}`);
  });
}

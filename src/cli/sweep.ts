import { createRackHosts } from '../adapters/sql/rack-hosts.ts';
import { oneLine } from '../domain/sanitize.ts';
import { sweepCloud } from '../flow/sweep-leftovers.ts';
import type { SweptCloud } from '../flow/sweep-leftovers.ts';
import { createNeighbours } from '../neighbours.ts';
import { createLogger } from '../shared/logger.ts';
import { withState } from './open-state.ts';

/**
 * `sidegate sweep [--dry-run]`: what carries our mark in the clouds and belongs to nothing, but for keypairs: the service looks after those.
 * 0 when every cloud could be searched and took every deletion, 1 otherwise.
 */
export async function sweep(options: { config: string; dryRun?: true }): Promise<number> {
  const mode = options.dryRun ? 'report' : 'delete';
  const swept = await withState(options.config, async ({ configuration, database, store }) => {
    const logger = createLogger('error');
    const installation = await store.installationId();
    // With another `state.directory` than the service's there is another key here, and the service's keypair is in use all the same.
    const flow = { store, installation, keypair: undefined, logger };
    const { clouds } = createNeighbours(configuration, createRackHosts(database.pool), logger);
    return Promise.all([...clouds.values()].map((cloud) => sweepCloud(flow, cloud, mode)));
  });
  for (const cloud of swept) printCloud(cloud, mode);
  const failed = swept.some(({ trouble, left }) => trouble !== undefined || left.some(({ detail }) => detail !== ''));
  return failed ? 1 : 0;
}

/** `detail`: of one that is still there. */
function didWith(detail: string | undefined): string {
  if (detail === undefined) return 'deleted';
  return detail === '' ? 'is being deleted' : `could not be deleted: ${oneLine(detail, 500)}`;
}

function printCloud({ cloud, marked = [], leftovers, left, trouble }: SweptCloud, mode: 'delete' | 'report'): void {
  const still = new Map(left.map(({ kind, id, detail }) => [`${kind} ${id}`, detail]));
  console.log(`${cloud}: ${marked.length} of ours, ${leftovers.length} belong to nothing`);
  for (const { kind, name, id } of leftovers) {
    const did = mode === 'report' ? 'would be deleted' : didWith(still.get(`${kind} ${id}`));
    console.log(`  ${kind} ${oneLine(name, 200)} (${id}) ${did}`);
  }
  if (trouble !== undefined) console.log(`  ${cloud} could not be searched to the end: ${oneLine(trouble, 500)}`);
}

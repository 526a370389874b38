import { createRackHosts } from '../adapters/sql/rack-hosts.ts';
import { oneLine } from '../domain/sanitize.ts';
import { sweepCloud } from '../flow/sweep-leftovers.ts';
import type { SweptCloud } from '../flow/sweep-leftovers.ts';
import { createNeighbours } from '../neighbours.ts';
import { createLogger } from '../shared/logger.ts';
import { withState } from './open-state.ts';

/** `sidegate sweep [--dry-run]`: what carries our mark in the clouds and belongs to nothing, but for keypairs: the service looks after those. 0 when every cloud could be searched, 1 otherwise. */
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
  return swept.some(({ trouble }) => trouble !== undefined) ? 1 : 0;
}

function printCloud({ cloud, marked, leftovers, trouble }: SweptCloud, mode: 'delete' | 'report'): void {
  const did = mode === 'delete' ? 'deleted' : 'would be deleted';
  console.log(`${cloud}: ${marked.length} of ours, ${leftovers.length} belong to nothing`);
  for (const { kind, name, id } of leftovers) console.log(`  ${kind} ${oneLine(name, 200)} (${id}) ${did}`);
  if (trouble !== undefined) console.log(`  ${cloud} could not be searched to the end: ${oneLine(trouble, 500)}`);
}

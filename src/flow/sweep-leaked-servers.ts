import { errorText } from '../domain/errors.ts';
import type { Cloud, CloudServer } from '../ports/cloud.ts';
import type { Flow } from './context.ts';

/**
 * Deletes servers that carry our mark and that we no longer know, or know under another id: what a crash between two steps left. The row
 * is committed before Nova is asked for a server, so an unknown one can never be about to be used.
 */
export async function sweepLeakedServers(flow: Flow): Promise<void> {
  for (const cloud of flow.clouds.values()) {
    try {
      for (const server of await cloud.listMarkedServers(flow.installation)) await deleteIfLeaked(flow, cloud, server);
    } catch (error) {
      flow.logger.warn({ cloud: cloud.name, err: errorText(error) }, 'the cloud could not be searched for leftovers');
    }
  }
}

async function deleteIfLeaked(flow: Flow, cloud: Cloud, server: CloudServer): Promise<void> {
  const known = server.mark ? await flow.store.findServer(server.mark.server) : undefined;
  const isCurrent = known && known.state !== 'deleted' && (known.novaId === undefined || known.novaId === server.id);
  if (isCurrent) return;
  flow.logger.warn({ server: server.name, id: server.id }, 'a leftover test server is deleted');
  await cloud.deleteServer(server.id);
}

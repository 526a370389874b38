import type { Flow } from './context.ts';

/** Names of servers in one notice. */
const named = 10;

/**
 * Clouds that were taken out of the configuration: no build gets a server there any more, and what nobody can delete without the
 * cloud is told to the operator, who puts it back or forgets it (`sidegate forget-cloud`).
 */
export async function leaveClouds({ store, clouds }: Pick<Flow, 'store' | 'clouds'>): Promise<void> {
  const configured = [...clouds.keys()];
  await store.releaseServersOutside(configured);
  for (const [cloud, servers] of await store.serversOutside(configured)) {
    const more = servers.length > named ? ` and ${servers.length - named} more` : '';
    await store.saveNotice({
      code: 'cloud-removed',
      subject: cloud,
      text: `${servers.length} on ${cloud}: ${servers.slice(0, named).join(', ')}${more}`,
    });
  }
  await store.closeNoticesOutside(configured);
}

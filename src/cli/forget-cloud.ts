import { oneLine } from '../domain/sanitize.ts';
import { withState } from './open-state.ts';

/**
 * `sidegate forget-cloud CLOUD`: servers of a cloud that is no longer configured count as deleted. 1 when the cloud is configured: then
 * the service deletes them.
 */
export async function forgetCloud(cloud: string, options: { config: string }): Promise<number> {
  return withState(options.config, async ({ configuration, store }) => {
    const { clouds, racks } = configuration.settings;
    const configured = new Set([...clouds, ...racks].map(({ name }) => name));
    if (configured.has(cloud)) {
      console.log(`${cloud} is configured: the service deletes its servers. Nothing is forgotten.`);
      return 1;
    }
    const forgotten = await store.forgetServers(cloud);
    await store.closeNoticesOutside([...configured]);
    for (const name of forgotten) console.log(`${name} is forgotten.`);
    if (forgotten.length === 0) console.log(`No server of ${oneLine(cloud, 100)} waits for its deletion.`);
    return 0;
  });
}

import { allObjects } from '../ports/object-store.ts';
import type { Flow } from './context.ts';

const batch = 50;

/** Deletes logs from the object store once they have expired. Who begins again deletes what is left. */
export async function removeStoredLogs({
  logger,
  objects,
  store,
}: Pick<Flow, 'logger' | 'objects' | 'store'>): Promise<void> {
  if (objects === undefined) return;
  for (;;) {
    const expired = await store.expiredUploads(objects.place, batch);
    for (const { buildId, logPath } of expired) {
      for await (const { path } of allObjects(objects, logPath)) await objects.remove(path);
      await store.saveStoredRemoved(buildId);
      logger.info({ build: buildId, path: logPath }, 'logs were deleted from the object store');
    }
    if (expired.length < batch) return;
  }
}

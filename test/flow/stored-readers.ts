import { createStoredArchive } from '../../src/flow/stored-archive.ts';
import { createStoredLogs } from '../../src/flow/stored-logs.ts';
import type { StoredBuilds } from './stored-flow.ts';

/** How pages read logs that have left the local tree. */
export function readersOf({ archive, objects, store }: Pick<StoredBuilds, 'archive' | 'objects' | 'store'>) {
  const storedLogs = createStoredLogs(objects, store);
  return { storedLogs, archive: createStoredArchive(archive, storedLogs) };
}

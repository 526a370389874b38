import { SidegateError } from '../domain/errors.ts';
import { allObjects } from '../ports/object-store.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import type { StoredEntry, StoredLogs } from '../ports/stored-logs.ts';
import type { UploadStore } from '../ports/upload-store.ts';
import { sleep } from '../shared/clock.ts';

/** Names in a build's log path: `0a/0a1b…/periodic/JOB/BUILD/`, `45/12345/2/check/JOB/BUILD/`. */
const depths = [5, 6];
const maxEntries = 5000;
/** Somebody waits for the page (ms). */
const patience = 10_000;

/** Reads logs from the object store. Only where a build's row says that they are there: addresses that mean nothing cost it nothing. */
export function createStoredLogs(objects: ObjectStore, store: UploadStore): StoredLogs {
  const buildFolder = async (path: string): Promise<string | undefined> => {
    const names = path.split('/');
    const folders = depths
      .filter((depth) => names.length >= depth)
      .map((depth) => `${names.slice(0, depth).join('/')}/`);
    return folders.length === 0 ? undefined : await store.findStoredFolder(objects.place, folders);
  };
  const files = async (folder: string): Promise<readonly StoredObject[]> => {
    const found: StoredObject[] = [];
    for await (const object of allObjects(objects, folder)) if (found.push(object) >= maxEntries) break;
    return found;
  };
  return {
    find: async (path) =>
      (await buildFolder(path)) === undefined ? undefined : await soon(objects, objects.find(path)),
    open: (path, range) => objects.open(path, range),
    async folder(path) {
      if ((await buildFolder(path)) !== undefined) return entriesOf(`${path}/`, await soon(objects, files(`${path}/`)));
      const above = path === '' ? '' : `${path}/`;
      const names = await store.foldersOfStored(objects.place, above, maxEntries);
      return names.map((name) => ({ name, isFolder: true, size: 0, modified: undefined }));
    },
    files: async (folder) => ((await buildFolder(folder)) === undefined ? [] : await soon(objects, files(folder))),
  };
}

async function soon<T>({ place }: ObjectStore, answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(patience, stop.signal).then(() => {
    throw new SidegateError('object-store-unreachable', `${place}: no answer within ${patience / 1000} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch(() => {});
    stop.abort();
  }
}

function entriesOf(folder: string, objects: readonly StoredObject[]): readonly StoredEntry[] {
  const entries = new Map<string, StoredEntry>();
  for (const { modified, path, size } of objects) {
    const [name = '', ...rest] = path.slice(folder.length).split('/');
    const known = entries.get(name);
    const isFolder = rest.length > 0;
    if (known?.modified === undefined || (isFolder && known.modified < modified))
      entries.set(name, { name, isFolder, size: isFolder ? 0 : size, modified });
  }
  return [...entries.values()];
}

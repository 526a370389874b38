import type { LogArchive } from '../ports/log-archive.ts';
import type { StoredLogs } from '../ports/stored-logs.ts';

type Reading = Pick<LogArchive, 'list' | 'read' | 'size'>;

/** An archive as pages read it: what has left it comes from the object store. Where that does not answer, there is nothing. */
export function createStoredArchive(archive: LogArchive, stored: StoredLogs): LogArchive {
  return { ...archive, ...reading(archive, stored) };
}

function reading(archive: Reading, stored: StoredLogs): Reading {
  const storedSize = async (path: string) => (await found(stored.find(path)))?.size ?? 0;
  return {
    size: async (path) => (await archive.size(path)) || (await storedSize(path)),
    async list(folder, limit) {
      const local = await archive.list(folder, limit);
      if (local.length > 0) return local;
      const files = (await found(stored.files(folder))) ?? [];
      return files.map(({ modified, path, size: bytes }) => ({ path, size: bytes, modified: modified.getTime() }));
    },
    async read(path, offset, limit) {
      if ((await archive.size(path)) > 0) return await archive.read(path, offset, limit);
      const end = Math.min(offset + limit, await storedSize(path)) - 1;
      return end < offset ? Buffer.alloc(0) : ((await found(readPart(stored, path, offset, end))) ?? Buffer.alloc(0));
    },
  };
}

async function readPart(stored: StoredLogs, path: string, start: number, end: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const bytes of (await stored.open(path, { start, end })) ?? []) parts.push(bytes as Buffer);
  return Buffer.concat(parts);
}

/** A page without its logs is better than none. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  return await answer.catch(() => undefined);
}

import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { SidegateError } from '../domain/errors.ts';
import type { StoredObject } from '../ports/object-store.ts';
import type { StoredLogs } from '../ports/stored-logs.ts';
import { isMissing, openRegular, pathInside } from '../shared/inside-root.ts';
import type { WebDeps } from './deps.ts';

/** A file of the logs, in the local tree or in the object store. */
export interface OpenFile {
  /** Bytes when it was opened. */
  readonly size: number;
  readonly modified: Date;
  /** Which file it is: another one under the same name has another. */
  readonly identity: string;
  /** The first bytes, at most 512. */
  head(): Promise<Buffer>;
  /** Bytes `start` to `end`, both included. Who does not read to the end destroys it. Does not close the file. */
  content(start: number, end: number): Promise<Readable>;
  close(): Promise<void>;
}

const headLength = 512;
const part = 256 * 1024;

/** The file, or that it is a folder of the local tree. Throws as `pathInside` does, like ENOENT where it is nowhere. */
export async function openFile(
  { logsRoot, storedLogs }: WebDeps,
  names: readonly string[],
): Promise<OpenFile | 'folder'> {
  try {
    const path = await pathInside(logsRoot, names);
    if ((await stat(path)).isDirectory()) return 'folder';
    return await localFile(await openRegular(path, constants.O_RDONLY));
  } catch (error) {
    if (!isMissing(error) || storedLogs === undefined) throw error;
    const path = names.join('/');
    const object = await storedLogs.find(path);
    if (object) return storedFile(storedLogs, object);
    if ((await storedLogs.folder(path)).length > 0) return 'folder';
    throw error;
  }
}

async function localFile(handle: FileHandle): Promise<OpenFile> {
  const { dev, ino, mtime, size } = await handle.stat();
  return {
    size,
    modified: mtime,
    identity: `${dev} ${ino}`,
    async head() {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(headLength, size)), { position: 0 });
      return buffer.subarray(0, bytesRead);
    },
    content: async (start, end) => Readable.from(partsOf(handle, start, end), { objectMode: false }),
    close: () => handle.close(),
  };
}

/** Not the handle's own stream: destroying that closes the handle. */
async function* partsOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer, void> {
  for (let at = start; at <= end;) {
    const length = Math.min(part, end + 1 - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), { position: at });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function storedFile(logs: StoredLogs, { etag, modified, path, size }: StoredObject): OpenFile {
  const content = async (start: number, end: number) => {
    const found = await logs.open(path, { start, end });
    if (found === undefined) throw new SidegateError('object-store-unreachable', `${path} has just gone`);
    return found;
  };
  return {
    size,
    modified,
    identity: `stored ${etag}`,
    async head() {
      if (size === 0) return Buffer.alloc(0);
      const parts: Buffer[] = [];
      for await (const bytes of await content(0, Math.min(headLength, size) - 1)) parts.push(bytes as Buffer);
      return Buffer.concat(parts);
    },
    content,
    close: async () => {},
  };
}

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { opendir, lstat, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SidegateError } from '../../domain/errors.ts';
import { logPathNames } from '../../domain/log-path.ts';
import type { LogArchive } from '../../ports/log-archive.ts';
import { folderInside, isMissing, openRegular, pathInside } from '../../shared/inside-root.ts';

const maxListed = 10_000;
const maxDepth = 20;
const maxRead = 16 * 1024 * 1024;

interface ListedFile {
  readonly path: string;
  readonly size: number;
}

/** Logs in a directory of this machine. The root is made when the first file is written. */
export function createDirectoryArchive(root: string): LogArchive {
  return {
    writeAt: (path, offset, bytes) => writeAt(root, { path, offset, bytes }),
    finish: async () => {},
    size: (path) => size(root, path),
    write: (path, content) => write(root, path, content),
    read: (path, offset, limit) => read(root, { path, offset, limit }),
    list: (folder) => list(root, folder),
  };
}

async function writeAt(root: string, part: { path: string; offset: number; bytes: Buffer }): Promise<void> {
  const path = await pathToWrite(root, part.path);
  const file = await openRegular(path, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size: have } = await file.stat();
    if (have < part.offset) throw new SidegateError('log-gap', `${part.path} has ${have} bytes, not ${part.offset}`);
    await writeAll(file, part.bytes, part.offset);
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

/** Through a hidden file and a rename: a reader sees the old content or the new, never a part. */
async function write(root: string, to: string, content: string | Buffer): Promise<void> {
  const path = await pathToWrite(root, to);
  const part = join(path, '..', `.${randomUUID()}.part`);
  const file = await openRegular(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
  try {
    await file.writeFile(content);
    await file.close();
    await rename(part, path);
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
}

async function size(root: string, path: string): Promise<number> {
  const file = await openToRead(root, path);
  if (file === undefined) return 0;
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function read(root: string, part: { path: string; offset: number; limit: number }): Promise<Buffer> {
  const file = await openToRead(root, part.path);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { size: have } = await file.stat();
    const want = Math.max(0, Math.min(part.limit, maxRead, have - part.offset));
    const buffer = Buffer.alloc(want);
    const { bytesRead } = await file.read(buffer, 0, want, part.offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Paths are relative to the root, like those of the other methods. Links and dot files are no part of the archive. */
async function list(root: string, folder: string): Promise<readonly ListedFile[]> {
  const names = logPathNames(folder.replace(/\/$/, ''));
  const found: ListedFile[] = [];
  try {
    await walk(await pathInside(root, names), names, found);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(absolute: string, names: readonly string[], found: ListedFile[]): Promise<void> {
  if (names.length > maxDepth) return;
  for await (const entry of await opendir(absolute)) {
    if (found.length >= maxListed) return;
    if (entry.name.startsWith('.')) continue;
    const path = join(absolute, entry.name);
    if (entry.isDirectory()) await walk(path, [...names, entry.name], found);
    if (entry.isFile()) found.push({ path: [...names, entry.name].join('/'), size: (await lstat(path)).size });
  }
}

async function pathToWrite(root: string, path: string): Promise<string> {
  const names = logPathNames(path);
  return join(await folderInside(root, names.slice(0, -1)), names.at(-1) ?? '');
}

async function openToRead(root: string, path: string): Promise<FileHandle | undefined> {
  try {
    return await openRegular(await pathInside(root, logPathNames(path)), constants.O_RDONLY);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, opendir, rename, rm, rmdir, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SidegateError } from '../../domain/errors.ts';
import { logPathNames } from '../../domain/log-path.ts';
import type { LogArchive } from '../../ports/log-archive.ts';
import { folderInside, isMissing, openRegular, pathInside } from '../../shared/inside-root.ts';

const openTries = 3;
const maxListed = 10_000;
const maxDepth = 20;
const maxRead = 16 * 1024 * 1024;

interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

/** Logs in a directory of this machine. The root is made when the first file is written. */
export function createDirectoryArchive(root: string): LogArchive {
  return {
    writeAt: (path, offset, bytes) => writeAt(root, { path, offset, bytes }),
    finish: async () => {},
    size: (path) => size(root, path),
    write: (path, content) => write(root, path, content),
    read: (path, offset, limit) => read(root, { path, offset, limit }),
    remove: (folder) => remove(root, folder),
    usage: () => usage(root),
    list: (folder, limit = maxListed) => list(root, folder, limit),
  };
}

async function writeAt(root: string, part: { path: string; offset: number; bytes: Buffer }): Promise<void> {
  const { file } = await openToWrite(root, part.path, (path) => path, constants.O_RDWR | constants.O_CREAT);
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
  const partOf = (whole: string) => join(whole, '..', `.${randomUUID()}.part`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const { path, opened: part, file } = await openToWrite(root, to, partOf, flags);
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

async function remove(root: string, folder: string): Promise<void> {
  const names = logPathNames(folder.replace(/\/$/, ''));
  try {
    await rm(await pathInside(root, names), { recursive: true, force: true });
    for (let depth = names.length - 1; depth > 0; depth -= 1)
      await rmdir(await pathInside(root, names.slice(0, depth)));
  } catch (error) {
    if (!isMissing(error) && !isInUse(error)) throw error;
  }
}

/** A folder that still holds something. */
function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
}

/** As `df` counts: what only root may use is no room. */
async function usage(root: string): Promise<number> {
  await mkdir(root, { recursive: true });
  const { bavail, bfree, blocks } = await statfs(root);
  const used = blocks - bfree;
  return used + bavail === 0 ? 0 : used / (used + bavail);
}

/** Paths are relative to the root, like those of the other methods. Links and dot files are no part of the archive. */
async function list(root: string, folder: string, limit: number): Promise<readonly ListedFile[]> {
  const names = logPathNames(folder.replace(/\/$/, ''));
  const found: ListedFile[] = [];
  try {
    await walk(await pathInside(root, names), names, { found, limit });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(
  absolute: string,
  names: readonly string[],
  listing: { readonly found: ListedFile[]; readonly limit: number },
): Promise<void> {
  if (names.length > maxDepth) return;
  for await (const entry of await opendir(absolute)) {
    if (listing.found.length >= listing.limit) return;
    if (entry.name.startsWith('.')) continue;
    const path = join(absolute, entry.name);
    if (entry.isDirectory()) await walk(path, [...names, entry.name], listing);
    if (entry.isFile()) {
      const { mtimeMs, size: bytes } = await lstat(path);
      listing.found.push({ path: [...names, entry.name].join('/'), size: bytes, modified: Math.round(mtimeMs) });
    }
  }
}

/** `remove` may take an empty folder away between its making and the opening: once more then. */
async function openToWrite(root: string, to: string, name: (path: string) => string, flags: number) {
  for (let tries = 1; ; tries += 1) {
    try {
      const path = await pathToWrite(root, to);
      const opened = name(path);
      return { path, opened, file: await openRegular(opened, flags) };
    } catch (error) {
      if (!isMissing(error) || tries === openTries) throw error;
    }
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

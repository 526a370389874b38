import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SidegateError } from '../domain/errors.ts';

/**
 * The absolute path of `names` below `root`, which must exist. Symbolic links on the way are refused, also those that stay inside:
 * what a test server sent must not decide what is read.
 */
export async function pathInside(root: string, names: readonly string[]): Promise<string> {
  const path = join(await realpath(root), ...names);
  const real = await realpath(path);
  if (real !== path) throw new SidegateError('path-refused', `a symbolic link in ${JSON.stringify(names.join('/'))}`);
  return path;
}

/** Makes the folders one by one, because a recursive mkdir would follow a link out of the root. */
export async function folderInside(root: string, names: readonly string[]): Promise<string> {
  await mkdir(root, { recursive: true });
  let path = await realpath(root);
  for (const name of names) {
    path = join(path, name);
    await mkdir(path).catch(ignoreExisting);
    if (!(await lstat(path)).isDirectory()) {
      throw new SidegateError('path-refused', `${JSON.stringify(names.join('/'))} is no folder`);
    }
  }
  return path;
}

/** Opens a regular file; never a link, and never waits for the other end of a pipe. */
export async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644).catch(refuseLink);
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw new SidegateError('path-refused', 'no regular file');
}

/** True for the errors that mean "there is nothing". */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}

function refuseLink(error: unknown): never {
  const code = systemCode(error);
  if (code === 'ELOOP' || code === 'ENXIO' || code === 'EISDIR')
    throw new SidegateError('path-refused', 'no regular file');
  throw error;
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== 'EEXIST') throw error;
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

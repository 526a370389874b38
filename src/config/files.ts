import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** No configuration file, script, key or certificate is longer. */
const longestFile = 1024 * 1024;

export type ReadFile =
  | { readonly ok: true; readonly text: string; readonly worldReadable: boolean }
  | { readonly ok: false; readonly missing: boolean; readonly denied: boolean; readonly what: string };

/** Reads a text file of at most 1 MiB; says in words why not. Pipes and devices are refused: they could block or never end. */
export async function readTextFile(file: string): Promise<ReadFile> {
  try {
    // Without O_NONBLOCK, opening a named pipe nobody writes to would wait for ever.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return refused(`${file} is no file`);
    const buffer = Buffer.alloc(longestFile + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > longestFile) return refused(`${file} is larger than 1 MiB`);
    const text = buffer.toString('utf8', 0, bytesRead);
    if (text.includes('\0')) return refused(`${file} is no text file`);
    return { ok: true, text, worldReadable: (stat.mode & 0o004) !== 0 };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { ok: false, missing: true, denied: false, what: `${file} does not exist` };
    }
    return { ...refused(`${file} cannot be read (${code ?? String(error)})`), denied: code === 'EACCES' };
  }
}

/** Paths in a configuration file are relative to its folder; `~/` is the home folder. */
export function resolvePath(folder: string, path: string, home = homedir()): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(folder, path);
}

function refused(what: string) {
  return { ok: false, missing: false, denied: false, what } as const;
}

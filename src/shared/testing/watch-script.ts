import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../clock.ts';

/** What a script wrote into a file, once it did. */
export async function contentOf(directory: string, name: string): Promise<string> {
  for (;;) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text.trim();
    await sleep(20);
  }
}

/** Resolves when the process is gone, however it was orphaned. */
export async function gone(pid: string): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z');
    if (/\) Z |^Z$/.test(state)) return;
    await sleep(20);
  }
}

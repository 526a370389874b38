import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { sleep } from '../../src/shared/clock.ts';

const run = promisify(execFile);
const tries = 3;

/** Copies everything below one directory into another. What runs in the first may remove files meanwhile: then once more. */
export async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (let left = tries - 1; ; left -= 1) {
    try {
      await run('cp', ['-a', '--', `${from}/.`, to]);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(100);
    }
  }
}

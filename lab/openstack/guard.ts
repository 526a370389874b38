import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Place } from './place.ts';

/** A process that stops the cloud, or what `main` starts, when this one has ended, by whatever signal. */
export function guard({ root, run }: Pick<Place, 'root' | 'run'>, main = join(import.meta.dirname, 'main.ts')): void {
  const child = spawn(process.execPath, [main, '--directory', root, '--guard', run], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // Its end of the pipe closes with this process; the pipe must not keep this process.
  (child.stdin as Socket).unref();
}

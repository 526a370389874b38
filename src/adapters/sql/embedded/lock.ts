import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { SidegateError } from '../../../domain/errors.ts';
import { sleep } from '../../../shared/clock.ts';

const PATIENCE = 300_000;

/**
 * Runs `action` while no other process of this machine does so for the same folder. The lock is a socket in Linux' abstract
 * namespace: the kernel gives it to one process and frees it when that process dies, so there is no stale lock to break.
 */
export async function withFolderLock<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const name = `\0sidegate-embedded-${createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32)}`;
  const giveUp = Date.now() + PATIENCE;
  for (;;) {
    const lock = await tryLock(name);
    if (lock) {
      try {
        return await action();
      } finally {
        lock.close();
        await once(lock, 'close');
      }
    }
    if (Date.now() > giveUp)
      throw new SidegateError(
        'state-database',
        `Another process has been starting or stopping the database in ${folder} for 5 minutes.`,
      );
    await sleep(20 + Math.random() * 30);
  }
}

async function tryLock(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({ path: name });
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

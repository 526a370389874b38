import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runCommand } from '../gerrit/run-command.ts';
import type { Release } from './releases.ts';

/** Folders, ports and wishes of one running Feilong; plain JSON. */
export interface FeilongPlace {
  readonly root: string;
  /** This start of it: the guard of an earlier one leaves it alone. */
  readonly run: string;
  readonly release: Release;
  /** Where it listens; also the address from which it fetches files. */
  readonly address: string;
  readonly restPort: number;
  readonly sdkPort: number;
  /** Callers must present a token, for which they show this one. */
  readonly adminToken: string | undefined;
}

/** `feilong` is what Feilong itself keeps, `zvm` what the mainframe does. */
export const parts = ['etc', 'log', 'run', 'disk', 'zvm', 'feilong'] as const;

/** Empties a folder for a Feilong, and chooses its ports. */
export async function makePlace(
  folder: string,
  wishes: Pick<FeilongPlace, 'release' | 'address' | 'adminToken'>,
): Promise<FeilongPlace> {
  for (const part of parts) await mkdir(join(folder, part), { recursive: true });
  const run = randomUUID();
  await writeFile(join(folder, 'run/id'), run);
  const [user, group] = await Promise.all([idOf('-u'), idOf('-g')]);
  for (const part of ['', 'db', 'files', 'images', 'log']) {
    await mkdir(join(folder, 'feilong', part), { recursive: true });
    await chown(join(folder, 'feilong', part), user, group);
  }
  const [restPort, sdkPort] = await Promise.all([freePort(wishes.address), freePort('127.0.0.1')]);
  return { root: realpathSync(folder), run, restPort, sdkPort, ...wishes };
}

/** Of the user Debian's package makes. */
async function idOf(option: '-u' | '-g'): Promise<number> {
  return Number(await runCommand('id', [option, 'zvmsdk']));
}

/** Below those that connections get: while a service is down, some connection of this machine would take its port. */
async function freePort(address: string): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, address);
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (free) return port;
  }
}

import { chmod, lchown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SidegateError } from '../../../domain/errors.ts';
import { canEnter, runsAsRoot } from './account.ts';
import { shortHash } from './place.ts';
import type { Place } from './place.ts';

/** sockaddr_un holds 108 bytes, the last of them zero. */
const ADDRESS_LIMIT = 107;

/**
 * Makes the directory for the socket. It is outside the data directory because paths of sockets must be short. Only its owner can
 * enter it, so whoever gets to the socket is that user (or root) and needs no password. `empty`: what lies in it is of a dead server.
 */
export async function makeSocketDirectory(place: Place, empty: boolean): Promise<string> {
  const { account, data } = place;
  const folder = join(await chooseBase(place), `sidegate-pg-${account.uid}-${shortHash(data)}`);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if (runsAsRoot() && (await lstat(folder)).uid === 0) await lchown(folder, account.uid, account.gid);
  await checkSocketDirectory(place, folder);
  await chmod(folder, 0o700);
  if (empty) await Promise.all((await readdir(folder)).map((name) => rm(join(folder, name), { recursive: true })));
  return folder;
}

/** In a world-writable /tmp somebody else may have been here first, to listen in our place. */
export async function checkSocketDirectory(place: Place, folder: string): Promise<void> {
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === place.account.uid) return;
  throw new SidegateError(
    'state-database',
    `${folder} is not a directory of the user with id ${place.account.uid}: find out who made it and remove it.`,
  );
}

export async function removeSocketDirectory(folder: string): Promise<void> {
  if (folder.includes('/sidegate-pg-')) await rm(folder, { recursive: true, force: true });
}

async function chooseBase({ account, data }: Place): Promise<string> {
  const socket = join(`sidegate-pg-${account.uid}-${shortHash(data)}`, '.s.PGSQL.5432');
  for (const base of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    if (Buffer.byteLength(join(base, socket)) > ADDRESS_LIMIT) continue;
    if (await canEnter(account, base)) return base;
  }
  throw new SidegateError(
    'state-database',
    `Neither ${tmpdir()} nor /tmp can hold the socket of PostgreSQL: name a short TMPDIR.`,
  );
}

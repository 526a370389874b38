import { createHash, randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, readFile, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SidegateError } from '../../../domain/errors.ts';
import { canEnter, chooseAccount, runsAsRoot } from './account.ts';
import type { Account } from './account.ts';

/** Where a cluster lives and whose it is. */
export interface Place {
  readonly data: string;
  readonly account: Account;
}

const DATA = 'postgresql-data';
const POINTER = 'postgresql-location';
const SHARED_CLUSTERS = '/var/lib/sidegate/clusters';

/** The place of the cluster that belongs to this directory; undefined when it has none yet. */
export async function findPlace(directory: string): Promise<Place | undefined> {
  const inside = join(directory, DATA);
  if (await lstatIfThere(inside)) return placeOf(inside);
  const pointer = await readPointer(join(directory, POINTER));
  if (pointer === undefined) return undefined;
  if (!runsAsRoot())
    throw new SidegateError(
      'state-database',
      `${directory} was set up by root: run as root, or name another directory.`,
    );
  if (await lstatIfThere(pointer)) return placeOf(pointer);
  return { data: pointer, account: await chooseAccount() };
}

/**
 * Chooses a place for a new cluster: in the directory, or below /var/lib when root's PostgreSQL, running as somebody else, could
 * not get there (/root is closed to others). A file in the directory then says where, so that who deletes the directory starts afresh.
 */
export async function choosePlace(directory: string): Promise<Place> {
  const account = await chooseAccount();
  if (await canEnter(account, directory)) return { data: join(directory, DATA), account };
  await mkdir(SHARED_CLUSTERS, { recursive: true, mode: 0o755 });
  const data = join(SHARED_CLUSTERS, `${shortHash(directory)}-${randomUUID().slice(0, 8)}`);
  const pointer = join(directory, POINTER);
  const unfinished = `${pointer}.${randomUUID()}`;
  await writeFile(unfinished, `${data}\n`, { flag: 'wx' });
  await rename(unfinished, pointer);
  return { data, account };
}

/** Clusters made below /var/lib for this directory before; whoever deleted the directory left them behind. */
export async function findAbandoned(directory: string, place: Place): Promise<readonly string[]> {
  if (dirname(place.data) !== SHARED_CLUSTERS) return [];
  const names = await readdir(SHARED_CLUSTERS);
  return names
    .filter((name) => name.startsWith(`${shortHash(directory)}-`) && name !== basename(place.data))
    .map((name) => join(SHARED_CLUSTERS, name));
}

/** Deletes the data of a server that does not run. */
export async function erasePlace(directory: string): Promise<void> {
  const place = await findPlace(directory);
  if (place) await rm(place.data, { recursive: true, force: true });
  await rm(join(directory, POINTER), { force: true });
}

/** The directory itself, made if missing. Root's must let the PostgreSQL account through; the data inside is closed anyway. */
export async function makeDirectory(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: runsAsRoot() ? 0o711 : 0o700 });
  return realpath(directory);
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

export async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Existing data decides who runs PostgreSQL: root goes on with a cluster that an ordinary user began. */
async function placeOf(data: string): Promise<Place> {
  const { uid, gid } = await lstat(data);
  if (!runsAsRoot() && uid !== process.getuid?.()) {
    throw new SidegateError(
      'state-database',
      `${data} belongs to the user with id ${uid}: run as that user or root, or name another directory.`,
    );
  }
  if (uid === 0)
    throw new SidegateError(
      'state-database',
      `${data} belongs to root, and PostgreSQL does not run as root: chown it, or name another directory.`,
    );
  const account = { uid, gid };
  if (!(await canEnter(account, data))) {
    throw new SidegateError(
      'state-database',
      `The user with id ${uid}, to whom ${data} belongs, may not enter ${dirname(data)}.`,
    );
  }
  return { data: await realpath(data), account };
}

async function readPointer(path: string): Promise<string | undefined> {
  if (!(await lstatIfThere(path))) return undefined;
  const target = (await readFile(path, 'utf8')).trim();
  if (dirname(target) === SHARED_CLUSTERS) return target;
  throw new SidegateError('state-database', `${path} does not name a cluster below ${SHARED_CLUSTERS}.`);
}

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { lchown, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SidegateError } from '../../../domain/errors.ts';
import { EMBEDDED_NAME } from '../database-url.ts';
import { identity, runsAsRoot } from './account.ts';
import type { Binaries } from './binaries.ts';
import { lstatIfThere } from './place.ts';
import type { Place } from './place.ts';
import { environment } from './settings.ts';

const INITDB_LIMIT = 180_000;

/**
 * Makes the data directory unless it is there. initdb works beside it and is renamed when finished: a half-made cluster of a killed
 * process is never taken for a real one. Call it under the folder lock.
 */
export async function ensureCluster(place: Place, binaries: Binaries): Promise<void> {
  if (await lstatIfThere(place.data)) return checkVersion(place, binaries);
  await removeUnfinished(place);
  const unfinished = `${place.data}.initdb-${randomUUID()}`;
  await mkdir(unfinished, { mode: 0o700 });
  if (runsAsRoot()) await lchown(unfinished, place.account.uid, place.account.gid);
  await runInitdb(place, binaries, unfinished);
  await rename(unfinished, place.data);
  await syncFolder(dirname(place.data));
}

async function runInitdb(place: Place, binaries: Binaries, data: string): Promise<void> {
  // trust: the socket's directory lets nobody in but the owner, see socket-directory.ts. The C locale needs nothing of the system.
  const options = [
    '-D',
    data,
    '-U',
    EMBEDDED_NAME,
    '--auth-local=trust',
    '--auth-host=reject',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(join(binaries.home, 'bin/initdb'), options, {
      ...identity(place.account),
      cwd: '/',
      env: environment,
      timeout: INITDB_LIMIT,
      maxBuffer: 1024 * 1024,
    });
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw new SidegateError('state-database', `initdb failed in ${dirname(place.data)}: ${initdbMessage(error)}`, {
      cause: error,
    });
  }
}

function initdbMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A loader that is missing looks like a program that is missing.
  if ('code' in error && error.code === 'ENOENT')
    return 'its program does not start here (glibc 2.27 or newer is needed; Alpine has none): set DATABASE_URL.';
  const text =
    'stderr' in error && typeof error.stderr === 'string' && error.stderr.trim() !== '' ? error.stderr : error.message;
  return text.trim().slice(-1000);
}

async function checkVersion(place: Place, binaries: Binaries): Promise<void> {
  const file = join(place.data, 'PG_VERSION');
  const made = (await readFile(file, 'utf8').catch(() => '')).trim();
  const brought = binaries.version.split('.')[0];
  if (made === brought) return;
  if (made === '')
    throw new SidegateError('state-database', `${place.data} is not a PostgreSQL cluster: ${file} cannot be read.`);
  throw new SidegateError(
    'state-database',
    `${place.data} was made by PostgreSQL ${made}, this sidegate brings ${brought}: use the sidegate version it was made with, or move the data first.`,
  );
}

async function removeUnfinished({ data }: Place): Promise<void> {
  const prefix = `${basename(data)}.initdb-`;
  for (const name of await readdir(dirname(data))) {
    if (name.startsWith(prefix)) await rm(join(dirname(data), name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

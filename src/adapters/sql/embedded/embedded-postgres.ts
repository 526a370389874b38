import type { Client } from 'pg';
import type { Logger } from '../../../shared/logger.ts';
import { sleep } from '../../../shared/clock.ts';
import { EMBEDDED_NAME, socketUrl } from '../database-url.ts';
import { findPackage, prepareBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { keepConnected } from './keeper.ts';
import { connectOrLaunch } from './launch.ts';
import type { Running } from './launch.ts';
import { withFolderLock } from './lock.ts';
import { choosePlace, erasePlace, findAbandoned, findPlace, lstatIfThere, makeDirectory } from './place.ts';
import type { Place } from './place.ts';
import { findPostmaster, shutDown, wasStopped } from './postmaster.ts';
import { settingArguments } from './settings.ts';
import { removeSocketDirectory } from './socket-directory.ts';

export interface EmbeddedOptions {
  /** State directory of this sidegate; made if missing. */
  readonly directory: string;
  readonly logger?: Logger;
  /** False trades safety from power loss for speed: tests only. */
  readonly durable?: boolean;
}

export interface StopOptions {
  /** Leaves PostgreSQL running while others are connected to it. */
  readonly ifUnused?: boolean;
}

export type StopOutcome = 'stopped' | 'in-use' | 'not-running';

export interface EmbeddedPostgres {
  /** For `pg` and for DBOS. */
  readonly url: string;
  /** PostgreSQL was running already. */
  readonly adopted: boolean;
  /** Close your own connections first. */
  stop(options?: StopOptions): Promise<StopOutcome>;
}

/** Just closed connections linger this long, in ms, before the server stops showing them. */
const LINGER = 1000;

/**
 * Starts the PostgreSQL of this directory, or adopts it when it runs: after a kill -9 of sidegate it goes on and loses nothing.
 * Until `stop` it is brought back when it is killed.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = await makeDirectory(options.directory);
  const open = () => withFolderLock(folder, () => openServer(folder, options));
  const running = await open();
  const reopen = async () => ((await wasStopped(running.data)) ? undefined : open());
  const letGo = keepConnected(running, reopen, options.logger);
  const stop = async (stopOptions: StopOptions = {}) => {
    await letGo();
    return stopEmbeddedPostgres(folder, stopOptions);
  };
  return { url: socketUrl(running.socketDirectory), adopted: running.adopted, stop };
}

/** Stops the PostgreSQL of this directory, whoever started it. */
export function stopEmbeddedPostgres(directory: string, options: StopOptions = {}): Promise<StopOutcome> {
  return underLock(directory, 'not-running', (folder) => stopServer(folder, options));
}

/** Deletes the cluster of this directory and all its data, unless somebody is connected to it. */
export function eraseEmbeddedPostgres(directory: string): Promise<'erased' | 'in-use'> {
  return underLock(directory, 'erased', async (folder) => {
    if ((await stopServer(folder, { ifUnused: true })) === 'in-use') return 'in-use';
    await erasePlace(folder);
    return 'erased';
  });
}

async function underLock<T>(directory: string, missing: T, action: (folder: string) => Promise<T>): Promise<T> {
  if (!(await lstatIfThere(directory))) return missing;
  const folder = await makeDirectory(directory);
  return withFolderLock(folder, () => action(folder));
}

async function stopServer(folder: string, { ifUnused = false }: StopOptions): Promise<StopOutcome> {
  const place = await findPlace(folder);
  const postmaster = place && (await findPostmaster(place.data));
  if (!postmaster) return 'not-running';
  if (ifUnused && (await isInUse(place))) return 'in-use';
  await shutDown(place.data, postmaster.pid);
  await removeSocketDirectory(postmaster.socketDirectory);
  return 'stopped';
}

async function openServer(folder: string, { logger, durable = true }: EmbeddedOptions): Promise<Running> {
  const place = (await findPlace(folder)) ?? (await beginPlace(folder, logger));
  const recipe = { prepare: () => prepare(folder, place), settings: settingArguments(durable) };
  const running = await connectOrLaunch(place, recipe, logger);
  await ensureDatabase(running.client);
  logger?.info({ data: place.data, adopted: running.adopted }, 'embedded PostgreSQL is ready');
  return running;
}

async function beginPlace(folder: string, logger: Logger | undefined): Promise<Place> {
  const place = await choosePlace(folder);
  for (const data of await findAbandoned(folder, place)) {
    logger?.warn({ data }, 'this directory was deleted before; its old database is no longer used and can be removed');
    const postmaster = await findPostmaster(data);
    if (postmaster) await shutDown(data, postmaster.pid);
  }
  return place;
}

async function prepare(folder: string, place: Place) {
  const binaries = await prepareBinaries(folder, await findPackage());
  await ensureCluster(place, binaries);
  return binaries;
}

async function ensureDatabase(client: Client): Promise<void> {
  const found = await client.query('select 1 from pg_database where datname = $1', [EMBEDDED_NAME]);
  if (found.rowCount === 0) await client.query(`create database ${EMBEDDED_NAME}`);
}

async function isInUse(place: Place): Promise<boolean> {
  const running = await connectOrLaunch(place, undefined);
  const giveUp = Date.now() + LINGER;
  try {
    for (;;) {
      const others = await running.client.query(
        `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
      );
      if (others.rowCount === 0) return false;
      if (Date.now() > giveUp) return true;
      await sleep(20);
    }
  } finally {
    await running.client.end();
  }
}

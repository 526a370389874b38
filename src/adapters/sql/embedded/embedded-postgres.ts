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
import { choosePlace, findPlace, lstatIfThere, makeDirectory } from './place.ts';
import type { Place } from './place.ts';
import { findPostmaster, shutDown } from './postmaster.ts';
import { removeSocketDirectory } from './socket-directory.ts';

export interface EmbeddedOptions {
  /** State directory of this sidegate; made if missing. */
  readonly directory: string;
  readonly logger?: Logger;
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
export async function startEmbeddedPostgres({ directory, logger }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = await makeDirectory(directory);
  const open = () => withFolderLock(folder, () => openServer(folder, logger));
  const { client, socketDirectory, adopted } = await open();
  const letGo = keepConnected(client, async () => (await open()).client, logger);
  const stop = async (options: StopOptions = {}) => {
    await letGo();
    return stopEmbeddedPostgres({ directory: folder, ...options });
  };
  return { url: socketUrl(socketDirectory), adopted, stop };
}

/** Stops the PostgreSQL of this directory, whoever started it. */
export async function stopEmbeddedPostgres({ directory, ifUnused = false }: { readonly directory: string } & StopOptions): Promise<StopOutcome> {
  if (!(await lstatIfThere(directory))) return 'not-running';
  const folder = await makeDirectory(directory);
  return withFolderLock(folder, async () => {
    const place = await findPlace(folder);
    const postmaster = place && (await findPostmaster(place.data));
    if (!postmaster) return 'not-running';
    if (ifUnused && (await isInUse(place))) return 'in-use';
    await shutDown(place.data, postmaster.pid);
    await removeSocketDirectory(postmaster.socketDirectory);
    return 'stopped';
  });
}

async function openServer(folder: string, logger: Logger | undefined): Promise<Running> {
  const place = (await findPlace(folder)) ?? (await choosePlace(folder));
  const running = await connectOrLaunch(place, () => prepare(folder, place), logger);
  await ensureDatabase(running.client);
  logger?.info({ data: place.data, adopted: running.adopted }, 'embedded PostgreSQL is ready');
  return running;
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
  const running = await connectOrLaunch(place, () => Promise.reject(new Error('PostgreSQL ended meanwhile')));
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

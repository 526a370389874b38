import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { SidegateError, errorText } from '../../../domain/errors.ts';
import { sleep } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { socketUrl } from '../database-url.ts';
import { identity } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Place } from './place.ts';
import { clearMisleadingPidFile, findPostmaster } from './postmaster.ts';
import { environment, settingArguments } from './settings.ts';
import { checkSocketDirectory, makeSocketDirectory } from './socket-directory.ts';

/** Recovery after a crash may have much WAL to read. */
const START_LIMIT = 180_000;
const START_LOG = 'start.log';
/** Said while processes of a killed postmaster are still on their way out, or when somebody else's start won. */
const PASSING = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;
/** SQLSTATE cannot_connect_now: starting up, recovering or shutting down. */
const CANNOT_CONNECT_NOW = '57P03';

export interface Running {
  readonly client: Client;
  readonly socketDirectory: string;
  /** It was running before: a crashed or another sidegate had started it. */
  readonly adopted: boolean;
}

/** A connection to the server of that place: to the running one if there is one, else to one started now. Call it under the folder lock. */
export async function connectOrLaunch(place: Place, prepare: () => Promise<Binaries>, logger?: Logger): Promise<Running> {
  const giveUp = Date.now() + START_LIMIT;
  let child: ChildProcess | undefined;
  while (Date.now() < giveUp) {
    const postmaster = await findPostmaster(place.data);
    const client = postmaster && (await connectTo(place, postmaster.socketDirectory));
    if (client) return { client, socketDirectory: postmaster.socketDirectory, adopted: postmaster.pid !== child?.pid };
    if (!postmaster && hasEnded(child)) {
      if (child) await judgeFailure(place);
      child = await launch(place, await prepare());
      logger?.debug({ data: place.data, pid: child.pid }, 'embedded PostgreSQL launched');
    }
    await sleep(20);
  }
  throw new SidegateError('state-database', `PostgreSQL in ${place.data} did not answer within ${START_LIMIT / 1000} s. ${await startLog(place)}`);
}

/** Detached and without pipes: it outlives us when we are killed, and the next sidegate adopts it. */
async function launch(place: Place, binaries: Binaries): Promise<ChildProcess> {
  await clearMisleadingPidFile(place.data);
  const socketDirectory = await makeSocketDirectory(place);
  const path = join(place.data, START_LOG);
  await rm(path, { force: true });
  // Exclusive: root writes into a directory of somebody else's and must not follow a link that waits there.
  const log = await open(path, 'ax', 0o600);
  try {
    const child = spawn(join(binaries.home, 'bin/postgres'), ['-D', place.data, '-k', socketDirectory, ...settingArguments()], {
      ...identity(place.account),
      cwd: place.data,
      env: environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return child;
  } catch (error) {
    throw new SidegateError('state-database', `PostgreSQL cannot be run from ${binaries.home}: ${errorText(error)}`, { cause: error });
  } finally {
    await log.close();
  }
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return !child || child.exitCode !== null || child.signalCode !== null;
}

async function judgeFailure(place: Place): Promise<void> {
  const said = await startLog(place);
  if (!PASSING.test(said)) throw new SidegateError('state-database', `PostgreSQL in ${place.data} ended while starting. ${said}`);
  await sleep(100);
}

async function startLog(place: Place): Promise<string> {
  const text = await readFile(join(place.data, START_LOG), 'utf8').catch(() => '');
  return `It said: ${text.trim().slice(-1000) || 'nothing'}; see also ${join(place.data, 'log')}.`;
}

/** Undefined while the server cannot take connections yet. */
async function connectTo(place: Place, socketDirectory: string): Promise<Client | undefined> {
  if (socketDirectory === '') return undefined;
  await checkSocketDirectory(place, socketDirectory);
  const client = new Client({
    connectionString: socketUrl(socketDirectory, 'postgres'),
    application_name: 'sidegate keeper',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof DatabaseError && error.code !== CANNOT_CONNECT_NOW) {
      throw new SidegateError('state-database', `PostgreSQL in ${place.data} refused the connection: ${error.message}`, { cause: error });
    }
    return undefined;
  }
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { SidegateError, errorText } from '../../../domain/errors.ts';
import { sleep } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { socketUrl } from '../database-url.ts';
import { identity } from './account.ts';
import type { Binaries } from './binaries.ts';
import { lstatIfThere } from './place.ts';
import type { Place } from './place.ts';
import type { Postmaster } from './postmaster.ts';
import { clearLeftovers, findPostmaster, shutDown } from './postmaster.ts';
import { environment } from './settings.ts';
import { checkSocketDirectory, makeSocketDirectory } from './socket-directory.ts';

/** Recovery after a crash may have much WAL to read. */
const START_LIMIT = 180_000;
const START_LOG = 'start.log';
/** Said while processes of a killed postmaster are still on their way out, or when somebody else's start won. */
const PASSING = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;
/** SQLSTATE cannot_connect_now: starting up, recovering or shutting down. */
const CANNOT_CONNECT_NOW = '57P03';

/** A connection whose socket is at hand: `ref` and `unref` of it are not in the types of `pg`. */
export interface Connection {
  readonly client: Client;
  readonly socket: Socket;
}

export interface Running extends Connection {
  readonly data: string;
  readonly socketDirectory: string;
  /** It was running before: a crashed or another sidegate had started it. */
  readonly adopted: boolean;
}

/** How to start a server: called only when none runs. */
export interface Recipe {
  prepare(): Promise<Binaries>;
  readonly settings: readonly string[];
}

/** A connection to the server of that place: to the running one if there is one, else to one started now. Call it under the folder lock. */
export async function connectOrLaunch(place: Place, recipe: Recipe | undefined, logger?: Logger): Promise<Running> {
  const giveUp = Date.now() + START_LIMIT;
  let child: ChildProcess | undefined;
  while (Date.now() < giveUp) {
    const postmaster = await findPostmaster(place.data);
    const connection = postmaster && (await connectTo(place, postmaster.socketDirectory));
    if (connection)
      return {
        ...connection,
        data: place.data,
        socketDirectory: postmaster.socketDirectory,
        adopted: postmaster.pid !== child?.pid,
      };
    if (postmaster && (await socketIsMissing(postmaster))) await shutDown(place.data, postmaster.pid);
    if (!postmaster && hasEnded(child)) {
      if (child) await judgeFailure(place);
      if (!recipe) throw new SidegateError('state-database', `PostgreSQL in ${place.data} has just ended.`);
      child = await launch(place, recipe);
      logger?.debug({ data: place.data, pid: child.pid }, 'embedded PostgreSQL launched');
    }
    await sleep(20);
  }
  throw new SidegateError(
    'state-database',
    `PostgreSQL in ${place.data} did not answer within ${START_LIMIT / 1000} s. ${await lastWords(place)}`,
  );
}

/** Detached and without pipes: it outlives us when we are killed, and the next sidegate adopts it. */
async function launch(place: Place, recipe: Recipe): Promise<ChildProcess> {
  const binaries = await recipe.prepare();
  const alone = await clearLeftovers(place.data);
  const socketDirectory = await makeSocketDirectory(place, alone);
  const path = join(place.data, START_LOG);
  await rm(path, { force: true });
  // Exclusive: root writes into a directory of somebody else's and must not follow a link that waits there.
  const log = await open(path, 'ax', 0o600);
  try {
    const child = spawn(
      join(binaries.home, 'bin/postgres'),
      ['-D', place.data, '-k', socketDirectory, ...recipe.settings],
      {
        ...identity(place.account),
        cwd: place.data,
        env: environment,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      },
    );
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return child;
  } catch (error) {
    throw new SidegateError('state-database', `PostgreSQL cannot be run from ${binaries.home}: ${errorText(error)}`, {
      cause: error,
    });
  } finally {
    await log.close();
  }
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return !child || child.exitCode !== null || child.signalCode !== null;
}

async function judgeFailure(place: Place): Promise<void> {
  if (!PASSING.test(await startLog(place))) {
    throw new SidegateError(
      'state-database',
      `PostgreSQL in ${place.data} ended while starting. ${await lastWords(place)}`,
    );
  }
  await sleep(100);
}

async function startLog(place: Place): Promise<string> {
  return readFile(join(place.data, START_LOG), 'utf8').catch(() => '');
}

/** The last words of PostgreSQL: on standard error first, in its own log files later. */
async function lastWords(place: Place): Promise<string> {
  const folder = join(place.data, 'log');
  const logs = await Promise.all((await readdir(folder).catch(() => [])).map((name) => readLog(join(folder, name))));
  const newest = logs.toSorted((a, b) => b.changed - a.changed)[0];
  const words = `${await startLog(place)}\n${newest?.end ?? ''}`.trim();
  return `It said: ${words.slice(-1500) || 'nothing'}`;
}

async function readLog(path: string): Promise<{ changed: number; end: string }> {
  const { size, mtimeMs } = await stat(path);
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1000), 0, 1000, Math.max(0, size - 1000));
    return { changed: mtimeMs, end: buffer.toString('utf8', 0, bytesRead) };
  } finally {
    await handle.close();
  }
}

/** Somebody cleared the temp directory: nobody can connect any more, and only a new start makes another socket. */
async function socketIsMissing({ socketDirectory }: Postmaster): Promise<boolean> {
  return socketDirectory !== '' && (await lstatIfThere(join(socketDirectory, '.s.PGSQL.5432'))) === undefined;
}

/** Undefined while the server cannot take connections yet. */
async function connectTo(place: Place, socketDirectory: string): Promise<Connection | undefined> {
  if (socketDirectory === '' || !(await lstatIfThere(socketDirectory))) return undefined;
  await checkSocketDirectory(place, socketDirectory);
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    connectionString: socketUrl(socketDirectory, 'postgres'),
    application_name: 'sidegate keeper',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { client, socket };
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof DatabaseError && error.code !== CANNOT_CONNECT_NOW) {
      throw new SidegateError(
        'state-database',
        `PostgreSQL in ${place.data} refused the connection: ${error.message}`,
        { cause: error },
      );
    }
    return undefined;
  }
}

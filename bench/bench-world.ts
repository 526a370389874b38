import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { parse, stringify } from 'yaml';
import { commentAs } from '../lab/gerrit/review-as.ts';
import { startEmbeddedPostgres, eraseEmbeddedPostgres } from '../src/adapters/sql/embedded/embedded-postgres.ts';
import type { Child } from '../src/demo/child.ts';
import { startSidegate } from '../src/demo/sample.ts';
import { startWorld } from '../test/story/world/world.ts';
import type { World } from '../test/story/world/world.ts';
import { until } from '../test/story/world/look.ts';
import { listenToGerrit } from './gerrit-listener.ts';
import type { GerritListener } from './gerrit-listener.ts';
import { cpuSecondsOf } from './process-cpu.ts';
import { postgresProcesses, pssOf } from './process-memory.ts';

export interface BenchOptions {
  /** What the job of every change runs on its test server. */
  readonly script: string;
  /** Test servers kept booted and waiting. */
  readonly ready: number;
  readonly max: number;
  /** Milliseconds a test server takes to boot. */
  readonly bootDelay: number;
  /** Quota of the simulated cloud; room for `max` servers where left out. */
  readonly instances?: number;
  /** Milliseconds the bench waits for anything; two minutes where left out. */
  readonly patience?: number;
  /** Gerrit's REST address for sidegate, made of its own. */
  readonly through?: (url: string) => Promise<string>;
  /** Replaces parts of sidegate.yaml. */
  readonly configuration?: (base: Configuration) => object;
}

export interface Configuration {
  readonly gerrit: readonly object[];
  readonly labels: readonly object[];
  readonly projects: readonly object[];
}

export interface Change {
  readonly number: number;
  readonly revision: string;
}

/** Simulated neighbours, and one sidegate process on its own embedded PostgreSQL, as in production: fsync on, log level info. */
export interface BenchWorld {
  readonly world: World;
  readonly sidegate: Child<{ readonly url: string }>;
  readonly database: pg.Pool;
  readonly listener: GerritListener;
  createChange(subject: string): Promise<Change>;
  recheck(change: Change): Promise<void>;
  /** Waits until so many booted test servers wait for work. */
  serversReady(count: number): Promise<void>;
  /** Waits until nothing runs and every used server is gone. */
  quiet(): Promise<void>;
  /** PSS in MB. */
  memory(): Promise<Shares>;
  /** Processor seconds used since the start. */
  cpu(): Promise<Shares>;
  /** The one that runs is ended, and another one started in its place. */
  stopSidegate(): Promise<void>;
  startSidegate(): Promise<void>;
  stop(): Promise<void>;
}

/** Of sidegate, and of all processes of its PostgreSQL together. */
export interface Shares {
  readonly sidegate: number;
  readonly postgres: number;
}

const project = 'openstack/nova';
const defaultPatience = 120_000;

export async function startBenchWorld(options: BenchOptions): Promise<BenchWorld> {
  const started = new AsyncDisposableStack();
  try {
    const world = await startWorld({
      bootDelay: options.bootDelay,
      ...(options.instances === undefined ? {} : { instances: options.instances }),
    });
    started.defer(() => world.stop());
    await writeConfiguration(world.config, options, world.gerrit.url);
    // PostgreSQL does not run as root: its account must get into the folder.
    await chmod(world.directory, 0o711);
    const state = join(world.directory, 'state');
    const postgres = await startEmbeddedPostgres({ directory: state });
    started.defer(async () => {
      await postgres.stop();
      await eraseEmbeddedPostgres(state);
    });
    let sidegate = await startSidegate(world.config, world.directory);
    started.defer(() => sidegate.stop());
    const database = new pg.Pool({ connectionString: postgres.url, max: 1 });
    started.defer(() => database.end());
    const listener = await listenToGerrit(world.gerrit, 'zvm-ci');
    started.defer(() => listener.close());
    return {
      ...handles({ world, sidegate, database }, options.patience ?? defaultPatience),
      listener,
      stopSidegate: () => sidegate.stop(),
      startSidegate: async () => {
        sidegate = await startSidegate(world.config, world.directory);
      },
      stop: () => started.disposeAsync(),
    };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

function handles({ world, sidegate, database }: Pick<BenchWorld, 'world' | 'sidegate' | 'database'>, patience: number) {
  const shares = async (measure: (pids: readonly number[]) => Promise<number>): Promise<Shares> => {
    const { rows } = await database.query<{ data_directory: string }>('show data_directory');
    return {
      sidegate: await measure([sidegate.process.pid!]),
      postgres: await measure(await postgresProcesses(rows[0]!.data_directory)),
    };
  };
  return {
    world,
    sidegate,
    database,
    createChange: (subject: string) => createChange(world, subject),
    recheck: (change: Change) => recheck(world, change),
    serversReady: (count: number) => serversReady(database, count, patience),
    quiet: () => quiet(database, patience),
    memory: () => shares(pssOf),
    cpu: () => shares(cpuSecondsOf),
  };
}

async function writeConfiguration(path: string, options: BenchOptions, gerritUrl: string): Promise<void> {
  const story = parse(await readFile(path, 'utf8')) as Configuration;
  const bench = {
    ...story,
    labels: [{ ...story.labels[0], min_ready: options.ready, max: options.max }],
    jobs: [{ name: 'bench', label: 'small', timeout: '10m', phases: [{ name: 'run', run: options.script }] }],
    projects: [{ ...story.projects[0], pipelines: { check: ['bench'] } }],
    log_level: 'info',
    ...(options.through && { gerrit: [{ ...story.gerrit[0], url: await options.through(gerritUrl) }] }),
  };
  await writeFile(path, stringify({ ...bench, ...options.configuration?.(bench) }));
}

async function createChange({ gerrit }: World, subject: string): Promise<Change> {
  const { username, password } = gerrit.accounts.dev;
  const answer = await fetch(`${gerrit.url}/a/changes/?o=CURRENT_REVISION`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ project, branch: 'master', subject }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Gerrit refuses a change: ${answer.status} ${text.slice(0, 300)}`);
  return { number: (JSON.parse(text.slice(text.indexOf('{'))) as { _number: number })._number, revision: 'current' };
}

function recheck({ gerrit }: World, { number, revision }: Change): Promise<void> {
  const pushed = { project, change: number, patchset: 1, revision, ref: '', changeId: '' };
  return commentAs(gerrit, 'dev', pushed, { message: 'recheck' });
}

async function serversReady(database: pg.Pool, count: number, patience: number): Promise<void> {
  await until(
    () => countOf(database, `servers where state = 'ready' and build is null`),
    (ready) => ready >= count,
    patience,
  );
}

async function quiet(database: pg.Pool, patience: number): Promise<void> {
  await until(
    async () =>
      (await countOf(database, `builds where state <> 'done'`)) +
      (await countOf(database, `servers where state in ('building', 'deleting')`)),
    (busy) => busy === 0,
    patience,
  );
}

/** Rows of a table, with a condition where one is wanted. */
export async function countOf(database: pg.Pool, from: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>(`select count(*) from ${from}`);
  return Number(rows[0]?.count);
}

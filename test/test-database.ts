import { createHash, randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { urlOfDatabase } from '../src/adapters/sql/database-url.ts';
import { findPackage } from '../src/adapters/sql/embedded/binaries.ts';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../src/adapters/sql/embedded/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../src/adapters/sql/embedded/embedded-postgres.ts';
import { migrate, migrationsFolder, readMigrations } from '../src/adapters/sql/migrate.ts';

export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** Closes the pool and deletes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** Advisory lock in the test server's own database: one process at a time makes and deletes databases. */
const DATABASES_LOCK = 1;

let server: Promise<EmbeddedPostgres> | undefined;

/**
 * A database of its own with every migration applied. All tests of one user share one PostgreSQL below the temp directory, which is
 * started by the first that asks and kept (stopped) between runs; the databases are copies of one migrated template.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  server ??= startTestServer();
  const { url } = await server;
  const name = `test_${process.pid}_${randomUUID().slice(0, 8)}`;
  await administer(url, async (client) => {
    const template = await ensureTemplate(client, url);
    // Without fsync copying files beats the default, which writes every page to the WAL.
    await client.query(`create database ${name} template ${template} strategy file_copy`);
  });
  const own = urlOfDatabase(url, name);
  const pool = new Pool({ connectionString: own, max: 10 });
  // Idle connections break when a test drops or restarts the database under the pool.
  pool.on('error', () => undefined);
  // The pool does not listen any more to those it closes, and `drop` may be faster than their goodbye.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const drop = async () => {
    if (!pool.ended) await pool.end();
    await administer(url, (client) => client.query(`drop database if exists ${name} with (force)`));
  };
  return { url: own, pool, drop };
}

/** Stops the server, if it runs, unless another run uses it. */
export async function stopTestServer(): Promise<void> {
  await stopEmbeddedPostgres(await testDirectory(), { ifUnused: true });
}

async function startTestServer(): Promise<EmbeddedPostgres> {
  const running = await startEmbeddedPostgres({ directory: await testDirectory(), durable: false });
  await administer(running.url, dropLeftovers);
  return running;
}

/** Per user and PostgreSQL version. Root's PostgreSQL runs as somebody else, who must be able to get in. */
async function testDirectory(): Promise<string> {
  const { uid } = userInfo();
  const { version } = await findPackage();
  const directory = join(tmpdir(), `sidegate-test-${uid}-${version}`);
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== uid) throw new Error(`${directory} is not ours: remove it`);
  await chmod(directory, 0o711);
  return directory;
}

/** Named after its migrations, so that another checkout or an edited migration has another template. Unfinished ones have no name yet. */
async function ensureTemplate(client: PoolClient, url: string): Promise<string> {
  const migrations = await readMigrations(migrationsFolder);
  const hash = createHash('sha256')
    .update(migrations.map((migration) => migration.sha256).join())
    .digest('hex');
  const name = `template_${hash.slice(0, 12)}`;
  const found = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (found.rowCount === 0) await makeTemplate(client, url, name);
  return name;
}

async function makeTemplate(client: PoolClient, url: string, name: string): Promise<void> {
  const old = await client.query<{ datname: string }>(
    String.raw`select datname from pg_database where datname like 'template\__%' and not datistemplate`,
  );
  for (const { datname } of old.rows) await client.query(`drop database if exists ${datname} with (force)`);
  const unfinished = `unfinished_${name}`;
  await client.query(`drop database if exists ${unfinished} with (force)`);
  await client.query(`create database ${unfinished}`);
  const pool = new Pool({ connectionString: urlOfDatabase(url, unfinished), max: 1 });
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
  await client.query(`alter database ${unfinished} rename to ${name}`);
  // A database that is being connected to cannot be copied.
  await client.query(`alter database ${name} allow_connections false`);
}

/** Databases of processes that are gone. */
async function dropLeftovers(client: PoolClient): Promise<void> {
  const found = await client.query<{ datname: string }>(
    String.raw`select datname from pg_database where datname like 'test\_%'`,
  );
  for (const { datname } of found.rows) {
    if (!isAlive(Number(datname.split('_')[1]))) await client.query(`drop database if exists ${datname} with (force)`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** One process at a time; the lock ends with the connection. */
async function administer<T>(url: string, action: (client: PoolClient) => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString: url, max: 1 });
  try {
    const client = await pool.connect();
    try {
      await client.query('select pg_advisory_lock($1)', [DATABASES_LOCK]);
      return await action(client);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

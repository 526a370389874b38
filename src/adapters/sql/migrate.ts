import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import { SidegateError } from '../../domain/errors.ts';
import type { Logger } from '../../shared/logger.ts';

export const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url));

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** Same number in every sidegate: "sidegate" has eight letters, a bigint eight bytes. */
const LOCK = Buffer.from('sidegate').readBigInt64BE().toString();
const LOCK_PATIENCE = '5min';
const NAME = /^\d{4}-[a-z0-9-]+\.sql$/;
const SIZE_LIMIT = 1024 * 1024;

/**
 * Applies the files of the folder that this database does not have yet, in order, each in a transaction of its own; answers their
 * names. Processes that start together take turns under a session lock. Files that were applied may never change again.
 */
export async function migrate(
  pool: Pool,
  folder: string = migrationsFolder,
  logger?: Logger,
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await lock(client);
    const applied = await readApplied(client);
    refuseDrift(migrations, applied, folder);
    const missing = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of missing) {
      await apply(client, migration);
      logger?.info({ migration: migration.name }, 'migration applied');
    }
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
    return missing.map((migration) => migration.name);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // After an error the connection is closed, which also gives the lock back.
    client.release(broken);
  }
}

/** The migrations of a folder, in order. Line ends do not count: git may have changed them. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const numbers = new Set<string>();
  for (const name of names) {
    if (!NAME.test(name))
      throw new SidegateError(
        'state-database',
        `${join(folder, name)}: the name of a migration looks like 0001-what-it-does.sql.`,
      );
    if (numbers.has(name.slice(0, 4)))
      throw new SidegateError('state-database', `${join(folder, name)}: another migration has this number.`);
    numbers.add(name.slice(0, 4));
  }
  return Promise.all(names.map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const path = join(folder, name);
  if ((await stat(path)).size > SIZE_LIMIT)
    throw new SidegateError('input-too-large', `${path} has more than ${SIZE_LIMIT} bytes.`);
  const sql = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
  return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

async function lock(client: PoolClient): Promise<void> {
  try {
    await client.query(`set lock_timeout = '${LOCK_PATIENCE}'`);
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query('reset lock_timeout');
  } catch (error) {
    throw new SidegateError('state-database', `Another process has been migrating the database for ${LOCK_PATIENCE}.`, {
      cause: error,
    });
  }
}

/** Looks before it creates: a role that may not create tables can start on a database that is up to date. */
async function readApplied(client: PoolClient): Promise<Map<string, string>> {
  const found = await client.query<{ there: boolean }>(`select to_regclass('schema_migrations') is not null as there`);
  if (!found.rows[0]?.there) {
    await client.query(
      `create table schema_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
    );
  }
  const rows = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from schema_migrations order by name',
  );
  return new Map(rows.rows.map((row) => [row.name, row.sha256]));
}

function refuseDrift(migrations: readonly Migration[], applied: ReadonlyMap<string, string>, folder: string): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const last = [...applied.keys()].at(-1) ?? '';
  const problems: string[] = [];
  for (const [name, sha256] of applied) {
    const migration = known.get(name);
    if (!migration) problems.push(`${name} is not in ${folder} (is this sidegate older than the database?)`);
    else if (migration.sha256 !== sha256) problems.push(`${name} has changed since it was applied`);
  }
  for (const { name } of migrations) {
    if (!applied.has(name) && name < last)
      problems.push(`${name} was added before ${last}, which is applied already: give it a higher number`);
  }
  if (problems.length > 0) throw new SidegateError('state-migration-drift', `${problems.join('; ')}.`);
}

async function apply(client: PoolClient, { name, sql, sha256 }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into schema_migrations (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new SidegateError('state-database', describeFailure(name, sql, error), { cause: error });
  }
}

function describeFailure(name: string, sql: string, error: unknown): string {
  if (!(error instanceof DatabaseError))
    return `${name} was not applied: ${error instanceof Error ? error.message : String(error)}`;
  const place = error.position === undefined ? name : `${name}:${lineAndColumn(sql, Number(error.position))}`;
  return `${place} was not applied: ${[error.message, error.detail, error.hint].filter(Boolean).join(' ')} (SQLSTATE ${error.code})`;
}

/** PostgreSQL counts characters from 1; so do editors with lines and columns. */
function lineAndColumn(sql: string, position: number): string {
  const before = Array.from(sql).slice(0, position - 1);
  return `${before.filter((character) => character === '\n').length + 1}:${before.length - before.lastIndexOf('\n')}`;
}

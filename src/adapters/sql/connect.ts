import pg from 'pg';
import { SidegateError, errorText } from '../../domain/errors.ts';

/** What a statement can be sent to: the pool, or the one connection of a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<R>>;
}

/** Connections one process opens at most; PostgreSQL's memory grows with each. */
const poolSize = 8;

export function createPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    idleTimeoutMillis: 30_000,
    application_name: 'sidegate',
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}

/** Commits what `work` did, or undoes it and throws on. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: Queryable) => Promise<T>): Promise<T> {
  const client = await connect(pool);
  try {
    await client.query('begin');
    const result = await work(client as Queryable);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await client.query('rollback').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new SidegateError('state-database', errorText(error), { cause: error });
  }
}

/** Unix milliseconds as PostgreSQL takes them. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** SQL null is undefined in the domain. */
export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

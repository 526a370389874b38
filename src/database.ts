import type { Pool } from 'pg';
import { createPool } from './adapters/sql/connect.ts';
import { startEmbeddedPostgres } from './adapters/sql/embedded/embedded-postgres.ts';
import { migrate, migrationsFolder } from './adapters/sql/migrate.ts';
import type { Configuration } from './config/configuration.ts';
import type { Logger } from './shared/logger.ts';

export interface Database {
  readonly url: string;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** The users' own PostgreSQL where one is configured, else the embedded one (started, or adopted when it runs); migrated. */
export async function openDatabase(configuration: Configuration, logger: Logger): Promise<Database> {
  const { databaseUrl, directory } = configuration.state;
  const embedded = databaseUrl ? undefined : await startEmbeddedPostgres({ directory, logger });
  const url = databaseUrl?.reveal() ?? embedded!.url;
  const pool = createPool(url);
  await migrate(pool, migrationsFolder, logger);
  return {
    url,
    pool,
    close: async () => {
      await pool.end();
      await embedded?.stop({ ifUnused: true });
    },
  };
}

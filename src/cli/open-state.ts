import { createSqlStore } from '../adapters/sql/sql-store.ts';
import type { Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { openDatabase } from '../database.ts';
import type { Database } from '../database.ts';
import type { Store } from '../ports/store.ts';
import { createLogger } from '../shared/logger.ts';

export interface State {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly store: Store;
}

/** Opens the service's database for one command, whether the service runs or not. */
export async function withState<T>(config: string, work: (state: State) => Promise<T>): Promise<T> {
  const configuration = await loadConfiguration(config, process.env);
  const database = await openDatabase(configuration, createLogger('warn'));
  try {
    return await work({ configuration, database, store: createSqlStore(database.pool) });
  } finally {
    await database.close();
  }
}

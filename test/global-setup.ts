import { stopTestServer } from './test-database.ts';

/** Nothing is started here: tests without a database do not wait for one. */
export async function teardown(): Promise<void> {
  await stopTestServer();
}

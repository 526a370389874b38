import type { Client } from 'pg';
import { DatabaseError } from 'pg';
import { errorText } from '../../../domain/errors.ts';
import { sleep } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';

/** SQLSTATE admin_shutdown: somebody stopped PostgreSQL on purpose. */
const ADMIN_SHUTDOWN = '57P01';
const RETRY = 1000;

/**
 * Holds one connection to the server. It shows other processes that the server is in use, and it is how we notice that PostgreSQL
 * was killed: `reopen` then brings it back. Returns what lets go of it.
 */
export function keepConnected(first: Client, reopen: () => Promise<Client>, logger?: Logger): () => Promise<void> {
  let current: Client | undefined;
  let closing = false;

  const hold = (client: Client) => {
    let reason: Error | undefined;
    current = client;
    client.on('error', (error) => {
      reason ??= error;
    });
    client.once('end', () => {
      if (current === client) current = undefined;
      if (closing) return;
      logger?.warn({ reason: errorText(reason) }, 'the embedded PostgreSQL broke the connection');
      if (!(reason instanceof DatabaseError && reason.code === ADMIN_SHUTDOWN)) void revive();
    });
    // The keeper must not keep this process alive.
    client.unref();
  };

  const revive = async () => {
    while (!closing) {
      try {
        const client = await reopen();
        hold(client);
        if (closing) await close(client);
        return;
      } catch (error) {
        logger?.error({ err: error }, 'the embedded PostgreSQL does not come back');
        await sleep(RETRY);
      }
    }
  };

  return async () => {
    closing = true;
    if (current) await close(current);
  };
}

async function close(client: Client): Promise<void> {
  client.ref();
  await client.end().catch(() => undefined);
}

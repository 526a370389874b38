import { errorText } from '../../../domain/errors.ts';
import { sleep } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Connection } from './launch.ts';

const RETRY = 1000;

/**
 * Holds one connection to the server. It shows other processes that the server is in use, and it is how we notice that PostgreSQL
 * was killed: `reopen` then brings it back, or answers undefined when it was stopped on purpose. Returns what lets go of it.
 */
export function keepConnected(
  first: Connection,
  reopen: () => Promise<Connection | undefined>,
  logger?: Logger,
): () => Promise<void> {
  let current: Connection | undefined;
  let closing = false;

  const hold = (connection: Connection) => {
    const { client, socket } = connection;
    let reason: Error | undefined;
    current = connection;
    client.on('error', (error) => {
      reason ??= error;
    });
    client.once('end', () => {
      if (current === connection) current = undefined;
      if (closing) return;
      logger?.warn({ reason: errorText(reason) }, 'the embedded PostgreSQL broke the connection');
      void revive();
    });
    // The keeper must not keep this process alive.
    socket.unref();
  };

  const revive = async () => {
    while (!closing) {
      try {
        const connection = await reopen();
        if (!connection) return;
        hold(connection);
        if (closing) await close(connection);
        return;
      } catch (error) {
        logger?.error({ err: error }, 'the embedded PostgreSQL does not come back');
        await sleep(RETRY);
      }
    }
  };

  hold(first);
  return async () => {
    closing = true;
    if (current) await close(current);
  };
}

async function close({ client, socket }: Connection): Promise<void> {
  socket.ref();
  await client.end().catch(() => undefined);
}

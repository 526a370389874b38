import pg from 'pg';
import { hostname } from 'node:os';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Signals, Topic } from '../../ports/signals.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Queryable } from './connect.ts';
import { channel, notify } from './notify.ts';

/**
 * This process's place among those that share the database: one connection that holds its locks and hears the signals. The server frees
 * the locks when the connection ends, so the others see at once that the process is gone; a process that lost the connection must
 * therefore stop acting (`lost` rejects).
 */
export interface Membership {
  readonly id: string;
  readonly signals: Signals;
  /** Rejects when the connection broke. */
  readonly lost: Promise<never>;
  /** Becomes the only process that has this lock, until the end of the process; false when another one has it. */
  tryLock(name: string): Promise<boolean>;
  /** Frees the locks: what this process still held is taken over by another one, or by the next start. */
  leave(): Promise<void>;
}

export async function joinProcesses(url: string, pool: Queryable, id: string, logger: Logger): Promise<Membership> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: `sidegate ${id}` });
  await client.connect().catch((error: unknown) => {
    throw new SidegateError('state-database', errorText(error), { cause: error });
  });
  // A host that lost its power would keep its locks for hours with the operating system's defaults.
  await client.query(`set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3`);
  // Locked before the others can see the row: one that is there without its lock is a dead process.
  await client.query(`select pg_advisory_lock(hashtextextended('process ' || $1::uuid, 0))`, [id]);
  await client.query(`insert into processes (id, host, pid) values ($1, $2, $3)`, [id, hostname(), process.pid]);
  await client.query(`listen ${channel}`);

  const listeners = new Map<Topic, Set<() => void>>();
  client.on('notification', (message) => {
    for (const listener of listeners.get(message.payload as Topic) ?? []) listener();
  });
  let leaving = false;
  const lost = new Promise<never>((_, reject) => {
    const onEnd = () => {
      if (!leaving) reject(new SidegateError('state-database', 'the connection that holds this process’s locks broke'));
    };
    client.on('error', (error) => {
      logger.error({ err: errorText(error) }, 'the database connection broke');
      onEnd();
    });
    client.on('end', onEnd);
  });
  lost.catch(() => {});

  return {
    id,
    lost,
    signals: {
      on: (topic, listener) => subscribe(listeners, topic, listener),
      send: (topic) => notify(pool, topic),
    },
    tryLock: async (name) => {
      const { rows } = await client.query<{ got: boolean }>(
        `select pg_try_advisory_lock(hashtextextended($1, 0)) as got`,
        [name],
      );
      return rows[0]!.got;
    },
    leave: async () => {
      leaving = true;
      // A connection that is broken already has nothing to say goodbye to.
      await client.end().catch(() => {});
    },
  };
}

function subscribe(listeners: Map<Topic, Set<() => void>>, topic: Topic, listener: () => void): () => void {
  const set = listeners.get(topic) ?? new Set();
  listeners.set(topic, set);
  set.add(listener);
  return () => set.delete(listener);
}

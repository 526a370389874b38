import type { Topic } from '../../ports/signals.ts';
import type { Queryable } from './connect.ts';

export const channel = 'sidegate';

/** Announces topics to all processes when the transaction commits (at once outside one). */
export async function notify(db: Queryable, ...topics: readonly Topic[]): Promise<void> {
  await db.query(`select pg_notify('${channel}', topic) from unnest($1::text[]) topic`, [topics]);
}

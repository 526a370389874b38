import type { Queryable } from '../connect.ts';

/** How many sidegate services work on this database now: those whose session lock is held. */
export async function countRunningProcesses(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ running: number }>(
    `with known as materialized (select id from processes where ended_at is null)
     select count(*)::int as running from known where not pg_try_advisory_xact_lock(hashtextextended('process ' || id, 0))`,
  );
  return rows[0]!.running;
}

import type { BackendState, BackendStore } from '../../../ports/slot-store.ts';
import { toTimestamp } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

export function backendRows(db: Queryable): BackendStore {
  return {
    backendStates: () => backendStates(db),
    saveBackendHealth: (backend, health) => saveBackendHealth(db, backend, health),
    outageSince: async (backend, since) => {
      const { rows } = await db.query<{ detail: string }>(
        `select detail from backend_outages where backend = $1 and coalesce(ended_at, now()) >= $2 order by began_at desc limit 1`,
        [backend, toTimestamp(since)],
      );
      return rows[0]?.detail;
    },
    drainBackend: async (backend, by, reason) => {
      const { rowCount } = await db.query(
        `update backends set drained_at = now(), drained_by = $2, drain_reason = $3
         where name = $1 and exists (select from slots l where l.backend = name and l.configured)`,
        [backend, by, reason],
      );
      await notify(db, 'queue', 'status');
      return rowCount === 1;
    },
    resumeBackend: async (backend) => {
      const { rowCount } = await db.query(
        `update backends set drained_at = null, drained_by = null, drain_reason = null where name = $1 and drained_at is not null`,
        [backend],
      );
      await notify(db, 'queue', 'status');
      return rowCount === 1;
    },
  };
}

interface BackendColumns {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
  readonly drained_at: Date | null;
  readonly drained_by: string | null;
  readonly drain_reason: string | null;
  readonly memory: number | null;
  readonly disk: number | null;
}

/**
 * What is free, less what the workers of the same system may still take: a worker's share is its own from the lease on, and what the
 * ledger says it made is no longer among what is free.
 */
async function backendStates(db: Queryable): Promise<readonly BackendState[]> {
  const { rows } = await db.query<BackendColumns>(
    `with workers as (
       select b.system, greatest(b.worker_memory - coalesce(sum(g.memory), 0), 0) as memory, greatest(b.worker_disk - coalesce(sum(g.disk), 0), 0) as disk
       from slots l join backends b on b.name = l.backend
         left join ledger g on g.backend = l.backend and g.prefix = l.prefix and g.state = 'made' and g.noted_at < b.checked_at
       where l.state = 'leased' group by b.system, b.worker_memory, b.worker_disk, l.backend, l.prefix),
     reserved as (select system, sum(memory) as memory, sum(disk) as disk from workers group by system)
     select b.name, b.healthy, b.detail, b.drained_at, b.drained_by, b.drain_reason,
       (b.memory_free - coalesce(r.memory, 0))::integer as memory, (b.disk_free - coalesce(r.disk, 0))::integer as disk
     from backends b left join reserved r on r.system = b.system order by b.name`,
  );
  return rows.map(({ drained_at: at, drained_by: by, drain_reason: reason, memory, disk, ...row }) => ({
    name: row.name,
    healthy: row.healthy,
    detail: row.detail,
    drained: at === null ? undefined : { by: by ?? '', reason: reason ?? '', since: at.getTime() },
    free: memory === null || disk === null ? undefined : { memory, disk },
  }));
}

async function saveBackendHealth(
  db: Queryable,
  backend: string,
  { healthy, detail, free }: Parameters<BackendStore['saveBackendHealth']>[1],
): Promise<void> {
  const { rows } = await db.query<{ was_healthy: boolean }>(
    `update backends b set healthy = $2, detail = $3, checked_at = now(), memory_free = coalesce($4, memory_free), disk_free = coalesce($5, disk_free)
     from (select name, healthy from backends where name = $1 for update) before where b.name = before.name
     returning before.healthy as was_healthy`,
    [backend, healthy, detail, free ? Math.floor(free.memory) : null, free ? Math.floor(free.disk) : null],
  );
  const wasHealthy = rows[0]?.was_healthy ?? true;
  if (wasHealthy === healthy) return;
  if (healthy)
    await db.query(`update backend_outages set ended_at = now() where backend = $1 and ended_at is null`, [backend]);
  else await db.query(`insert into backend_outages (backend, detail) values ($1, $2)`, [backend, detail]);
  await notify(db, 'queue', 'status');
}

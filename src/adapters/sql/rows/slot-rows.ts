import type { BackendSettings } from '../../../domain/settings.ts';
import type { SlotRecord, SlotStore } from '../../../ports/slot-store.ts';
import { optional, toTimestamp } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/** Seconds a claim keeps others away from a slot that is being swept. */
const claimSeconds = 5;

export function slotRows(db: Queryable): SlotStore {
  return {
    saveConfiguredSlots: (backends) => saveConfiguredSlots(db, backends),
    slots: async () => {
      const { rows } = await db.query<SlotColumns>(
        `select backend, prefix, state, build from slots where configured order by backend, prefix`,
      );
      return rows.map(toSlot);
    },
    claimDirtySlots: async (limit) => {
      const { rows } = await db.query<SlotColumns>(
        `update slots set next_try_at = now() + make_interval(secs => ${claimSeconds}) where (backend, prefix) in (
           select l.backend, l.prefix from slots l left join servers v on v.id = l.server
           where l.state = 'dirty' and l.next_try_at <= now() and (coalesce(v.state, 'deleted') = 'deleted' or v.ready_at is null)
           order by l.since limit $1 for update of l skip locked)
         returning backend, prefix, state, build`,
        [limit],
      );
      return rows.map(toSlot);
    },
    markSlotDirty: async (slot, detail) => {
      await db.query(
        `update slots set state = 'dirty', since = now(), next_try_at = now(), detail = $3 where backend = $1 and prefix = $2 and state = 'free'`,
        [slot.backend, slot.prefix, detail],
      );
      await notify(db, 'slots', 'status');
    },
    saveSlotClean: async (slot) => {
      await db.query(
        `update slots set state = 'free', build = null, server = null, since = now(), detail = '' where backend = $1 and prefix = $2 and state = 'dirty'`,
        [slot.backend, slot.prefix],
      );
      await notify(db, 'queue', 'status');
    },
    saveSlotDetail: async (slot, detail) => {
      await db.query(`update slots set detail = $3 where backend = $1 and prefix = $2`, [
        slot.backend,
        slot.prefix,
        detail,
      ]);
    },
    saveBackendHealth: (backend, health) => saveBackendHealth(db, backend, health),
    sickBackends: async () => {
      const { rows } = await db.query<{ name: string; detail: string }>(
        `select name, detail from backends where not healthy`,
      );
      return new Map(rows.map((row) => [row.name, row.detail]));
    },
    outageSince: async (backend, since) => {
      const { rows } = await db.query<{ detail: string }>(
        `select detail from backend_outages where backend = $1 and coalesce(ended_at, now()) >= $2 order by began_at desc limit 1`,
        [backend, toTimestamp(since)],
      );
      return rows[0]?.detail;
    },
  };
}

interface SlotColumns {
  backend: string;
  prefix: string;
  state: SlotRecord['state'];
  build: string | null;
}

function toSlot({ backend, prefix, state, build }: SlotColumns): SlotRecord {
  return { backend, prefix, state, build: optional(build) };
}

async function saveConfiguredSlots(db: Queryable, backends: readonly BackendSettings[]): Promise<void> {
  const slots = backends.flatMap((backend) =>
    backend.slots.map((slot) => ({ backend: backend.name, prefix: slot.prefix })),
  );
  await db.query(
    `insert into backends (name, kind) select name, kind from jsonb_to_recordset($1::jsonb) as r(name text, kind text)
     on conflict (name) do update set kind = excluded.kind`,
    [JSON.stringify(backends.map(({ name, kind }) => ({ name, kind })))],
  );
  await db.query(
    `insert into slots (backend, prefix) select backend, prefix from jsonb_to_recordset($1::jsonb) as r(backend text, prefix text)
     on conflict (backend, prefix) do nothing`,
    [JSON.stringify(slots)],
  );
  await db.query(
    `update slots set configured = (backend, prefix) in (
       select backend, prefix from jsonb_to_recordset($1::jsonb) as r(backend text, prefix text))`,
    [JSON.stringify(slots)],
  );
}

async function saveBackendHealth(
  db: Queryable,
  backend: string,
  { healthy, detail }: { healthy: boolean; detail: string },
): Promise<void> {
  const { rows } = await db.query<{ was_healthy: boolean }>(
    `update backends b set healthy = $2, detail = $3, checked_at = now()
     from (select name, healthy from backends where name = $1 for update) before where b.name = before.name
     returning before.healthy as was_healthy`,
    [backend, healthy, detail],
  );
  const wasHealthy = rows[0]?.was_healthy ?? true;
  if (wasHealthy === healthy) return;
  if (healthy)
    await db.query(`update backend_outages set ended_at = now() where backend = $1 and ended_at is null`, [backend]);
  else await db.query(`insert into backend_outages (backend, detail) values ($1, $2)`, [backend, detail]);
  await notify(db, 'queue', 'status');
}

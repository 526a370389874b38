import type { BackendSettings } from '../../../domain/settings.ts';
import type { SlotStore } from '../../../ports/slot-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { slotClaims, slotColumns, toSlot } from './slot-claims.ts';
import type { SlotColumns } from './slot-claims.ts';

export function slotRows(db: Queryable): SlotStore {
  return {
    saveConfiguredSlots: (backends) => saveConfiguredSlots(db, backends),
    slots: async () => {
      const { rows } = await db.query<SlotColumns>(
        `select ${slotColumns} from slots where configured order by backend, prefix`,
      );
      return rows.map(toSlot);
    },
    ...slotClaims(db),
    markSlotDirty: async (slot, detail) => {
      await db.query(
        `update slots set state = 'dirty', since = now(), next_try_at = now(), detail = $3 where backend = $1 and prefix = $2 and state = 'free'`,
        [slot.backend, slot.prefix, detail],
      );
      await notify(db, 'slots', 'status');
    },
  };
}

async function saveConfiguredSlots(db: Queryable, backends: readonly BackendSettings[]): Promise<void> {
  const slots = backends.flatMap((backend) =>
    backend.slots.map((slot) => ({ backend: backend.name, prefix: slot.prefix })),
  );
  await db.query(
    `insert into backends (name, kind, system, worker_memory, worker_disk)
     select name, kind, system, memory, disk from jsonb_to_recordset($1::jsonb) as r(name text, kind text, system text, memory integer, disk integer)
     on conflict (name) do update set kind = excluded.kind, system = excluded.system,
       worker_memory = excluded.worker_memory, worker_disk = excluded.worker_disk`,
    [JSON.stringify(backends.map(({ name, kind, system, worker }) => ({ name, kind, system, ...worker })))],
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

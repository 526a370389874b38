import type { BackendSettings } from '../../../domain/settings.ts';
import type { SlotRecord, SlotStore } from '../../../ports/slot-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { runningProcess } from './running-process.ts';

/** Seconds a claim keeps others away from a slot that is being swept. */
const claimSeconds = 5;

const columns = `backend, prefix, epoch as generation, state, build, sweep_attempts as "sweepAttempts"`;

export function slotRows(db: Queryable): SlotStore {
  return {
    saveConfiguredSlots: (backends) => saveConfiguredSlots(db, backends),
    slots: async () => {
      const { rows } = await db.query<SlotColumns>(
        `select ${columns} from slots where configured order by backend, prefix`,
      );
      return rows.map(toSlot);
    },
    claimDirtySlots: async (limit) => {
      const { rows } = await db.query<SlotColumns>(
        `update slots set next_try_at = now() + make_interval(secs => ${claimSeconds}) where (backend, prefix) in (
           select l.backend, l.prefix from slots l left join servers v on v.id = l.server
           where l.state = 'dirty' and l.next_try_at <= now() and (coalesce(v.state, 'deleted') = 'deleted' or v.ready_at is null)
             and not ${runningProcess('l.guard_holder')}
           order by l.since limit $1 for update of l skip locked)
         returning ${columns}`,
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
        `with clean as (
           update slots set state = 'free', build = null, server = null, guard_holder = null, guard_url = null, since = now(), detail = '',
             sweep_attempts = 0
           where backend = $1 and prefix = $2 and state = 'dirty' returning backend, prefix)
         delete from ledger where (backend, prefix) in (select backend, prefix from clean)`,
        [slot.backend, slot.prefix],
      );
      await notify(db, 'queue', 'status');
    },
    saveSlotDetail: async (slot, detail, pause) => {
      await db.query(
        `update slots set detail = $3, sweep_attempts = sweep_attempts + 1, next_try_at = now() + make_interval(secs => $4)
         where backend = $1 and prefix = $2 and state = 'dirty'`,
        [slot.backend, slot.prefix, detail, pause / 1000],
      );
      await notify(db, 'status');
    },
  };
}

type SlotColumns = Omit<SlotRecord, 'build'> & { readonly build: string | null };

function toSlot(row: SlotColumns): SlotRecord {
  return { ...row, build: optional(row.build) };
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

import type { LeasedSlot, SlotName } from '../../../domain/slot.ts';
import type { LedgerEntry, LedgerRecord, LedgerStore } from '../../../ports/slot-store.ts';
import type { Queryable } from '../connect.ts';
import { leaseValues, sameLease } from './same-lease.ts';

/** Seconds after which a guest whose making nobody heard the end of will not appear any more: seven were measured. */
const pendingSeconds = 30;

export function ledgerRows(db: Queryable): LedgerStore {
  return {
    noteInLedger: (slot, entry, takes) => noteInLedger(db, slot, { ...entry, ...takes }),
    settleInLedger: async ({ backend, prefix }, { kind, name }, state) => {
      const entry = [backend, prefix, kind, name];
      const which = `backend = $1 and prefix = $2 and kind = $3 and name = $4`;
      if (state === 'refused' || state === 'deleted') await db.query(`delete from ledger where ${which}`, entry);
      else await db.query(`update ledger set state = $5 where ${which}`, [...entry, state]);
    },
    ledgerOf: async ({ backend, prefix }) => {
      const { rows } = await db.query<LedgerRecord>(
        `select kind, name, state <> 'made' and noted_at > now() - make_interval(secs => ${pendingSeconds}) as pending
         from ledger where backend = $1 and prefix = $2 order by name`,
        [backend, prefix],
      );
      return rows;
    },
    otherSlotWithImage: async ({ backend, prefix }, image, backends) => {
      const { rows } = await db.query<SlotName>(
        `select backend, prefix from ledger
         where kind = 'image' and name = $3 and backend = any($4) and (backend, prefix) <> ($1, $2) limit 1`,
        [backend, prefix, image, backends],
      );
      return rows[0];
    },
  };
}

/** An ordinary commit: it must be on the disk before Feilong is asked. */
async function noteInLedger(
  db: Queryable,
  slot: LeasedSlot,
  entry: LedgerEntry & { readonly memory: number; readonly disk: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into ledger (backend, prefix, generation, kind, name, memory, disk)
     select backend, prefix, epoch, $4, $5, $6, $7 from slots where ${sameLease} and state = 'leased'
     on conflict (backend, prefix, kind, name) do update set generation = excluded.generation, state = 'intended', noted_at = now(),
       memory = excluded.memory, disk = excluded.disk`,
    [...leaseValues(slot), entry.kind, entry.name, entry.memory, entry.disk],
  );
  return rowCount === 1;
}

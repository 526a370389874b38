import type { LeasedSlot } from '../../../domain/slot.ts';
import type { GuardStore, GuardedSlot, LedgerEntry, LedgerRecord } from '../../../ports/slot-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { runningProcess } from './running-process.ts';

/** Seconds after which a guest whose making nobody heard the end of will not appear any more: seven were measured. */
const pendingSeconds = 30;

const sameLease = `backend = $1 and prefix = $2 and epoch = $3`;

export function guardRows(db: Queryable): GuardStore {
  return {
    slotsToGuard: (backends) => slotsToGuard(db, backends),
    guardUrl: async (slot) => {
      const { rows } = await db.query<{ url: string | null }>(
        `select guard_url as url from slots where ${sameLease} and state = 'leased' and ${runningProcess('guard_holder')}`,
        leaseValues(slot),
      );
      return optional(rows[0]?.url ?? null);
    },
    guardOpens: async (slot) => {
      const { rows } = await db.query<{ opens: number }>(
        `select guard_opens as opens from slots where ${sameLease}`,
        leaseValues(slot),
      );
      return rows[0]?.opens ?? 0;
    },
    saveGuard: async (slot, { holder, url, port }) => {
      const { rowCount } = await db.query(
        `update slots set guard_holder = $4, guard_url = $5, guard_port = $6, guard_opens = guard_opens + 1
         where ${sameLease} and state = 'leased' and (guard_holder = $4 or not ${runningProcess('guard_holder')})`,
        [...leaseValues(slot), holder, url, port],
      );
      await notify(db, 'slots', 'status');
      return rowCount === 1;
    },
    endedGuards: async (holder) => {
      const { rows } = await db.query<LeasedSlot>(
        `select backend, prefix, epoch as generation from slots where guard_holder = $1 and state <> 'leased'`,
        [holder],
      );
      return rows;
    },
    saveGuardClosed: async (slot, holder) => {
      await db.query(
        `update slots set guard_holder = null, guard_url = null where ${sameLease} and guard_holder = $4`,
        [...leaseValues(slot), holder],
      );
      await notify(db, 'slots', 'status');
    },
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
    isLeased: async (slot) => {
      const { rowCount } = await db.query(
        `select from slots where ${sameLease} and state = 'leased'`,
        leaseValues(slot),
      );
      return rowCount === 1;
    },
  };
}

function leaseValues({ backend, prefix, generation }: LeasedSlot): readonly unknown[] {
  return [backend, prefix, generation];
}

async function slotsToGuard(db: Queryable, backends: readonly string[]): Promise<readonly GuardedSlot[]> {
  const { rows } = await db.query<Omit<GuardedSlot, 'port'> & { readonly port: number | null }>(
    `select l.backend, l.prefix, l.epoch as generation, l.build, v.address, l.guard_port as port, b.log_path as "logPath"
     from slots l join servers v on v.id = l.server join builds b on b.id = l.build
     where l.state = 'leased' and v.state in ('ready', 'held') and v.address is not null and l.backend = any($1)
       and not ${runningProcess('l.guard_holder')}`,
    [backends],
  );
  return rows.map((row) => ({ ...row, port: optional(row.port) }));
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

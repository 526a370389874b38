import type { LeasedSlot } from '../../../domain/slot.ts';
import type { GuardStore, GuardedSlot } from '../../../ports/slot-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { ledgerRows } from './ledger-rows.ts';
import { leaseValues, sameLease } from './same-lease.ts';
import { runningProcess } from './running-process.ts';

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
    ...ledgerRows(db),
    isLeased: async (slot) => {
      const { rowCount } = await db.query(
        `select from slots where ${sameLease} and state = 'leased'`,
        leaseValues(slot),
      );
      return rowCount === 1;
    },
  };
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

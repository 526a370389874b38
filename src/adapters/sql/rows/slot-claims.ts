import { slotClaimTime } from '../../../ports/slot-store.ts';
import type { SlotClaim, SlotRecord, SlotStore } from '../../../ports/slot-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { runningProcess } from './running-process.ts';

const claimInterval = `interval '${slotClaimTime / 1000} seconds'`;
const unclaimed = `(l.claim is null or l.claimed_until <= now())`;

export const slotColumns = `backend, prefix, epoch as generation, state, build, sweep_attempts as "sweepAttempts"`;

type SlotClaims = Pick<
  SlotStore,
  'claimDirtySlots' | 'claimLeasedSlot' | 'renewSlotClaim' | 'releaseSlotClaim' | 'saveSlotClean' | 'saveSlotDetail'
>;

/** One at a time prepares or sweeps a slot, whichever process it is. */
export function slotClaims(db: Queryable): SlotClaims {
  return {
    claimDirtySlots: async (limit) => {
      const { rows } = await db.query<SlotColumns & SlotClaim>(
        `update slots set claim = gen_random_uuid(), claimed_until = now() + ${claimInterval} where (backend, prefix) in (
           select l.backend, l.prefix from slots l left join servers v on v.id = l.server
           where l.state = 'dirty' and l.next_try_at <= now() and (coalesce(v.state, 'deleted') = 'deleted' or v.ready_at is null)
             and not ${runningProcess('l.guard_holder')} and ${unclaimed}
           order by l.since limit $1 for update of l skip locked)
         returning ${slotColumns}, claim`,
        [limit],
      );
      return rows.map((row) => ({ ...toSlot(row), claim: row.claim }));
    },
    claimLeasedSlot: async ({ backend, prefix }, { buildId, epoch }) => {
      const { rows } = await db.query<SlotClaim>(
        `update slots l set claim = gen_random_uuid(), claimed_until = now() + ${claimInterval}
         where l.backend = $1 and l.prefix = $2 and ${unclaimed} and ${leasedBy('$3', '$4')} returning l.backend, l.prefix, l.claim`,
        [backend, prefix, buildId, epoch],
      );
      return rows[0];
    },
    renewSlotClaim: async ({ backend, prefix, claim }, lease) => {
      const { rowCount } = await db.query(
        `update slots l set claimed_until = now() + ${claimInterval}
         where l.backend = $1 and l.prefix = $2 and l.claim = $3 and ($4::uuid is null or ${leasedBy('$4', '$5')})`,
        [backend, prefix, claim, lease?.buildId ?? null, lease?.epoch ?? null],
      );
      return rowCount === 1;
    },
    releaseSlotClaim: async ({ backend, prefix, claim }) => {
      await db.query(
        `update slots set claim = null, claimed_until = null where backend = $1 and prefix = $2 and claim = $3`,
        [backend, prefix, claim],
      );
      await notify(db, 'slots');
    },
    saveSlotClean: async ({ backend, prefix, claim }) => {
      await db.query(
        `with clean as (
           update slots set state = 'free', build = null, server = null, guard_holder = null, guard_url = null, since = now(), detail = '',
             sweep_attempts = 0, claim = null, claimed_until = null
           where backend = $1 and prefix = $2 and claim = $3 and state = 'dirty' returning backend, prefix)
         delete from ledger where (backend, prefix) in (select backend, prefix from clean)`,
        [backend, prefix, claim],
      );
      await notify(db, 'queue', 'status');
    },
    saveSlotDetail: async ({ backend, prefix, claim }, { detail, pause, failed }) => {
      await db.query(
        `update slots set detail = $4, sweep_attempts = sweep_attempts + $6, next_try_at = now() + make_interval(secs => $5),
           claim = null, claimed_until = null
         where backend = $1 and prefix = $2 and claim = $3 and state = 'dirty'`,
        [backend, prefix, claim, detail, pause / 1000, failed ? 1 : 0],
      );
      await notify(db, 'status');
    },
  };
}

export type SlotColumns = Omit<SlotRecord, 'build'> & { readonly build: string | null };

export function toSlot(row: SlotColumns): SlotRecord {
  return { ...row, build: optional(row.build) };
}

/** SQL: whether the slot `l` is leased by this build, and the build is still whose epoch this is. */
function leasedBy(build: string, epoch: string): string {
  return `l.state = 'leased' and exists (
    select from builds b where b.id = l.build and b.id = ${build}::uuid and b.epoch = ${epoch}::integer and b.state = 'running')`;
}

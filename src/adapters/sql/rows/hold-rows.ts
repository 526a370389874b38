import { randomUUID } from 'node:crypto';
import type { HoldLimits, HoldRecord, HoldState, HoldStore, NewHold } from '../../../ports/hold-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/** Seconds a claim keeps others away from a server that is being logged in to. */
const claimSeconds = 30;

const columns = `id, state, build, project, change_number, job, reason, requested_by, ssh_key, ttl_seconds, server, held_build, key_added_at,
  created_at, until, ended_at, ended_by, detail`;

export function holdRows(db: Queryable): HoldStore {
  return {
    insertHold: (hold) => insertHold(db, hold),
    holds: async (limit) => {
      const { rows } = await db.query<HoldColumns>(
        `select ${columns} from holds order by state = 'ended', created_at desc limit $1`,
        [limit],
      );
      return rows.map(toHold);
    },
    holdServer: (buildId, failed, limits) => holdServer(db, { buildId, failed, limits }),
    claimHoldsWithoutKey: async (limit) => {
      const { rows } = await db.query<HoldColumns>(
        `update holds set next_try_at = now() + interval '${claimSeconds} seconds' where id in (
           select id from holds where state = 'holding' and key_added_at is null and next_try_at <= now()
           order by created_at limit $1 for update skip locked)
         returning ${columns}`,
        [limit],
      );
      return rows.map(toHold);
    },
    saveKeyAdded: async (id) => {
      await db.query(`update holds set key_added_at = now(), detail = '' where id = $1 and state = 'holding'`, [id]);
      await notify(db, 'status');
    },
    saveHoldDetail: async (id, detail) => {
      await db.query(`update holds set detail = $2 where id = $1 and state <> 'ended'`, [id, cleaned(detail)]);
      await notify(db, 'status');
    },
    endDueHolds: () => endDueHolds(db),
    endHold: async (id, by) => (await endHolds(db, { where: 'id = $2', values: [id] }, cleaned(by))) > 0,
  };
}

/** Finds a hold by id, or by the first digits of it when no other hold has them. */
export async function findHoldId(db: Queryable, start: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{7}[0-9a-f-]{0,29}$/.test(start)) return undefined;
  const { rows } = await db.query<{ id: string }>(`select id from holds where id::text like $1 || '%' limit 2`, [
    start,
  ]);
  return rows.length === 1 ? rows[0]!.id : undefined;
}

async function insertHold(db: Queryable, hold: NewHold): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into holds (id, build, project, change_number, job, reason, requested_by, ssh_key, ttl_seconds, until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))`,
    [
      id,
      hold.build ?? null,
      hold.project ?? null,
      hold.changeNumber ?? null,
      hold.job ?? null,
      cleaned(hold.reason),
      cleaned(hold.requestedBy),
      hold.sshKey,
      Math.ceil(hold.ttl / 1000),
      hold.patience / 1000,
    ],
  );
  await notify(db, 'status');
  return id;
}

/**
 * A wish fits the build: the build it names, or else one that failed and is as it says. The server must have been ready, and it must be
 * this transaction that gave it up (`since` is its time): one given up before may be gone already.
 */
const fittingWishes = `
  from holds h, builds b join buildsets s on s.id = b.buildset join servers v on v.id = b.server
  where b.id = $1 and h.state = 'waiting' and h.until > now()
    and case when h.build is null
      then $2 and coalesce(h.project, s.project) = s.project and coalesce(h.change_number, s.change_number) = s.change_number
        and coalesce(h.job, b.job) = b.job
      else h.build = b.id end
    and v.state = 'deleting' and v.since = now() and v.ready_at is not null and b.error_code is distinct from 'server-lost'`;

async function holdServer(
  db: Queryable,
  { buildId, failed, limits }: { buildId: string; failed: boolean; limits: HoldLimits },
): Promise<boolean> {
  // Without the lock first: nearly always there is no wish, and builds that end at once need not wait for each other.
  const wished = await db.query(`select ${fittingWishes} limit 1`, [buildId, failed]);
  if (wished.rows.length === 0) return false;
  await db.query(`select pg_advisory_xact_lock(hashtextextended('holds', 0))`);
  // A wish that is locked is just being ended.
  const { rows } = await db.query<{ id: string; server: string; label: string; held: number; held_of_label: number }>(
    `select h.id, b.server, v.label, (select count(*)::integer from holds where state = 'holding') as held,
       (select count(*)::integer from servers o where o.state = 'held' and o.label = v.label) as held_of_label ${fittingWishes}
     order by h.build is null, h.change_number is null, num_nulls(h.project, h.job), h.created_at
     limit 1 for update of h skip locked`,
    [buildId, failed],
  );
  const wish = rows[0];
  if (!wish) return false;
  const reason = reasonAgainst(wish, limits);
  if (reason !== undefined) {
    const detail = `Build ${buildId.slice(0, 7)} was not kept: ${reason}.`;
    await db.query(`update holds set detail = $2 where id = $1`, [wish.id, detail]);
    return false;
  }
  await db.query(
    `with hold as (
       update holds set state = 'holding', server = $2, held_build = $3, until = now() + make_interval(secs => ttl_seconds),
         next_try_at = now(), detail = '' where id = $1)
     update servers set state = 'held' where id = $2`,
    [wish.id, wish.server, buildId],
  );
  await notify(db, 'holds', 'status');
  return true;
}

function reasonAgainst(
  { held, held_of_label: heldOfLabel, label }: { held: number; held_of_label: number; label: string },
  { maxServers, maxOfLabel }: HoldLimits,
): string | undefined {
  if (held >= maxServers) return `all ${maxServers} of hold.max_servers were in use`;
  if (heldOfLabel < maxOfLabel) return undefined;
  return `${heldOfLabel} of ${label} were held, and the rest of its \`max\` is for builds`;
}

async function endDueHolds(db: Queryable): Promise<number> {
  const due = await endHolds(db, { where: 'until <= now()' }, 'its time is over');
  // Such a wish fits nothing any more.
  const buildIsOver = `state = 'waiting' and exists (select from builds b where b.id = holds.build and b.state = 'done')`;
  const late = await endHolds(db, { where: buildIsOver }, 'the build ended without a server to keep');
  // `endHold` at the moment of `holdServer` ends the hold without seeing the server held.
  const lost = await db.query(
    `update servers set ${released} where state = 'held'
       and not exists (select from holds h where h.server = servers.id and h.state = 'holding')`,
  );
  if (lost.rowCount) await notify(db, 'servers', 'status');
  return due + late;
}

const released = `state = 'deleting', since = now(), next_try_at = now(), detail = 'It was held for a person.'`;

interface Chosen {
  readonly where: string;
  /** From `$2` on. */
  readonly values?: readonly unknown[];
}

async function endHolds(db: Queryable, { where, values = [] }: Chosen, by: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `with ended as (
       update holds set state = 'ended', ended_at = now(), ended_by = $1 where state <> 'ended' and ${where} returning server),
     server as (update servers set ${released} from ended where servers.id = ended.server and servers.state = 'held')
     select count(*)::integer as count from ended`,
    [by, ...values],
  );
  const count = rows[0]?.count ?? 0;
  if (count > 0) await notify(db, 'servers', 'status');
  return count;
}

/** PostgreSQL's text has no NUL. */
function cleaned(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

interface HoldColumns {
  id: string;
  state: HoldState;
  build: string | null;
  project: string | null;
  change_number: number | null;
  job: string | null;
  reason: string;
  requested_by: string;
  ssh_key: string;
  ttl_seconds: number;
  server: string | null;
  held_build: string | null;
  key_added_at: Date | null;
  created_at: Date;
  until: Date;
  ended_at: Date | null;
  ended_by: string | null;
  detail: string;
}

function toHold(row: HoldColumns): HoldRecord {
  const { id, state, reason, detail } = row;
  return {
    id,
    state,
    reason,
    detail,
    build: optional(row.build),
    project: optional(row.project),
    changeNumber: optional(row.change_number),
    job: optional(row.job),
    requestedBy: row.requested_by,
    sshKey: row.ssh_key,
    ttl: row.ttl_seconds * 1000,
    server: optional(row.server),
    heldBuild: optional(row.held_build),
    keyAdded: row.key_added_at !== null,
    createdAt: row.created_at.getTime(),
    until: row.until.getTime(),
    endedAt: row.ended_at?.getTime(),
    endedBy: optional(row.ended_by),
  };
}

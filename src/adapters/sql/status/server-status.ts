import type { FailedBootRow, ServerCount, ServerRow, ShownServerState } from '../../../ports/status.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { isoOf } from './iso.ts';

const shownServers = 12;
const shownFailedBoots = 8;
/** A deletion that takes longer than this is stuck. */
export const stuckAfter = `interval '10 minutes'`;

const state = `case when s.purpose <> 'build' and s.state in ('building', 'ready') then 'image'
  when s.state = 'ready' and s.build is not null then 'in use' else s.state end`;
const stuck = `(s.state = 'deleting' and s.since < now() - ${stuckAfter})`;

/** There may be thousands of servers: those that somebody may have to look at come first, and the rest is only counted. */
export async function servers(db: Queryable): Promise<readonly ServerRow[]> {
  const { rows } = await db.query<ServerColumns>(
    `select s.id, s.name, s.label, s.cloud, s.zone, ${state} as state, s.purpose, s.address, s.build, s.since, s.attempt, s.delete_attempts,
       ${stuck} as stuck, s.detail, h.requested_by, h.until
     from servers s left join holds h on h.server = s.id and h.state = 'holding' where s.state <> 'deleted'
     order by case when ${stuck} then 0 when s.state = 'held' then 1 when s.state = 'building' then 2 when s.state = 'deleting' then 3
       when s.build is not null then 4 else 5 end, s.since, s.id limit ${shownServers}`,
  );
  return rows.map(toServerRow);
}

/** All servers that are not deleted, those in `seen` before the last look at their cloud began. */
export async function countServers(db: Queryable): Promise<readonly (ServerCount & { readonly seen: number })[]> {
  const { rows } = await db.query<ServerCount & { seen: number }>(
    `select s.label, s.cloud, ${state} as state, count(*)::integer as count,
       (count(*) filter (where s.created_at <= c.checked_at))::integer as seen
     from servers s left join clouds c on c.name = s.cloud where s.state <> 'deleted' group by 1, 2, 3 order by 1, 2, 3`,
  );
  return rows;
}

export async function failedBoots(db: Queryable): Promise<readonly FailedBootRow[]> {
  const { rows } = await db.query<FailedBootColumns>(
    `select id, name, label, cloud, zone, attempt, since, error_code, detail, boot_log from servers
     where error_code is not null and ready_at is null and since > now() - interval '1 day' order by since desc limit ${shownFailedBoots}`,
  );
  return rows.map(({ zone, since, error_code, boot_log, ...row }) => ({
    ...row,
    zone: optional(zone),
    at: since.toISOString(),
    code: error_code,
    logPath: optional(boot_log),
  }));
}

interface ServerColumns {
  id: string;
  name: string;
  label: string;
  cloud: string;
  zone: string | null;
  state: ShownServerState;
  purpose: ServerRow['purpose'];
  address: string | null;
  build: string | null;
  since: Date;
  attempt: number;
  delete_attempts: number;
  stuck: boolean;
  detail: string;
  requested_by: string | null;
  until: Date | null;
}

interface FailedBootColumns {
  id: string;
  name: string;
  label: string;
  cloud: string;
  zone: string | null;
  attempt: number;
  since: Date;
  error_code: string;
  detail: string;
  boot_log: string | null;
}

function toServerRow(row: ServerColumns): ServerRow {
  const { requested_by: by, until, delete_attempts: deleteAttempts, ...same } = row;
  return {
    ...same,
    zone: optional(row.zone),
    address: optional(row.address),
    build: optional(row.build),
    since: row.since.toISOString(),
    deleteAttempts,
    held: by === null ? undefined : { by, until: isoOf(until) ?? '' },
  };
}

import type { ServerLabel } from '../../../domain/settings.ts';
import type { HoldRow } from '../../../ports/status.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { isoOf } from './iso.ts';

const shownHolds = 100;

export async function holds(db: Queryable, labels: readonly ServerLabel[]): Promise<readonly HoldRow[]> {
  const { rows } = await db.query<HoldColumns>(
    `select h.id, h.state, h.build, h.project, h.change_number, h.job, h.reason, h.requested_by, h.created_at, h.until, h.ended_at, h.ended_by,
       h.held_build, h.key_added_at, h.detail, s.name as server, s.address, s.label
     from holds h left join servers s on s.id = h.server
     order by case h.state when 'holding' then 0 when 'waiting' then 1 else 2 end, coalesce(h.ended_at, h.created_at) desc, h.id
     limit ${shownHolds}`,
  );
  return rows.map((row) => toHoldRow(row, labels));
}

interface HoldColumns {
  id: string;
  state: HoldRow['state'];
  build: string | null;
  project: string | null;
  change_number: number | null;
  job: string | null;
  reason: string;
  requested_by: string;
  created_at: Date;
  until: Date;
  ended_at: Date | null;
  ended_by: string | null;
  held_build: string | null;
  key_added_at: Date | null;
  detail: string;
  server: string | null;
  address: string | null;
  label: string | null;
}

function toHoldRow(row: HoldColumns, labels: readonly ServerLabel[]): HoldRow {
  return {
    id: row.id,
    state: row.state,
    build: optional(row.build),
    project: optional(row.project),
    changeNumber: optional(row.change_number),
    job: optional(row.job),
    reason: row.reason,
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    until: row.until.toISOString(),
    endedAt: isoOf(row.ended_at),
    endedBy: optional(row.ended_by),
    heldBuild: optional(row.held_build),
    keyAdded: row.key_added_at !== null,
    detail: row.detail,
    server: optional(row.server),
    login: loginOf(row, labels),
  };
}

function loginOf({ state, address, label }: HoldColumns, labels: readonly ServerLabel[]): HoldRow['login'] {
  const settings = labels.find(({ name }) => name === label);
  if (state !== 'holding' || address === null || settings === undefined) return undefined;
  return { user: settings.user, address, port: settings.sshPort };
}

import type { ConnectionRow, EventRow, NoticeRow, Overview } from '../../../ports/status.ts';
import type { Queryable } from '../connect.ts';
import { backends } from './backend-status.ts';
import type { BackendPlaces } from './backend-status.ts';
import { uploadRows } from '../rows/upload-rows.ts';
import { selectBuilds } from './build-status.ts';
import { clouds } from './cloud-status.ts';
import type { PlaceSettings } from './cloud-status.ts';
import { isoOf } from './iso.ts';
import { countServers, failedBoots, servers } from './server-status.ts';

export type StatusSettings = PlaceSettings &
  BackendPlaces & {
    readonly name: string;
    /** Where logs are uploaded to; undefined: nowhere. */
    readonly uploadPlace?: string | undefined;
  };

const shownRunning = 12;
const shownFinished = 20;
const shownWaiting = 50;
const shownEvents = 20;
const shownNotices = 20;

/** Everything the status page shows. */
export async function overview(db: Queryable, settings: StatusSettings): Promise<Overview> {
  const counts = await countServers(db);
  return {
    name: settings.name,
    totals: await totals(db),
    uploadsWaiting: await uploadsWaiting(db, settings.uploadPlace),
    running: await selectBuilds(db, `b.state = 'running' order by b.started_at limit $1`, [shownRunning]),
    waiting: await selectBuilds(db, `b.state = 'queued' order by s.priority desc, b.queued_at limit $1`, [
      shownWaiting,
    ]),
    finished: await selectBuilds(db, `b.state = 'done' order by b.ended_at desc limit $1`, [shownFinished]),
    backends: await backends(db, settings),
    clouds: await clouds(db, settings, counts),
    servers: await servers(db),
    serverCounts: counts.map(({ label, cloud, state, count }) => ({ label, cloud, state, count })),
    failedBoots: await failedBoots(db),
    connections: await connections(db),
    notices: await notices(db),
    events: await events(db),
  };
}

async function totals(db: Queryable): Promise<Overview['totals']> {
  const { rows } = await db.query<Overview['totals']>(
    `select (select count(*) from builds where state = 'running')::integer as running,
       (select count(*) from builds where state = 'queued')::integer as waiting`,
  );
  return rows[0]!;
}

async function uploadsWaiting(db: Queryable, place: string | undefined): Promise<number | undefined> {
  return place === undefined ? undefined : (await uploadRows(db).uploadBacklog(place)).waiting;
}

async function connections(db: Queryable): Promise<readonly ConnectionRow[]> {
  const { rows } = await db.query<Omit<ConnectionRow, 'lastEventAt'> & { last_event_at: Date | null }>(
    `select name, state, detail, last_event_at from connections order by name`,
  );
  return rows.map(({ name, state, detail, last_event_at }) => ({
    name,
    state,
    detail,
    lastEventAt: isoOf(last_event_at),
  }));
}

async function notices(db: Queryable): Promise<readonly NoticeRow[]> {
  const { rows } = await db.query<Omit<NoticeRow, 'lastAt'> & { last_at: Date }>(
    `select code, text, todo, count, last_at from notices where closed_at is null order by last_at desc limit ${shownNotices}`,
  );
  return rows.map(({ last_at, ...row }) => ({ ...row, lastAt: last_at.toISOString() }));
}

async function events(db: Queryable): Promise<readonly EventRow[]> {
  const { rows } = await db.query<{
    id: string;
    heard_at: Date;
    type: string;
    project: string;
    change_number: number | null;
    patchset: number | null;
    branch: string | null;
    decision: string | null;
    reason: string | null;
  }>(
    `select id, heard_at, type, project, change_number, patchset, event #>> '{tip,branch}' as branch, decision, reason from events order by id desc limit ${shownEvents}`,
  );
  return rows.map((row) => ({
    id: row.id,
    at: row.heard_at.toISOString(),
    type: row.type,
    patchset: `${row.project} ${row.branch ?? row.change_number}${row.patchset === null ? '' : `,${row.patchset}`}`,
    decision: row.decision ?? 'waiting',
    reason: row.reason ?? '',
  }));
}

import { changeOf, isBranchEvent } from '../../../domain/event.ts';
import type { ReviewEvent } from '../../../domain/event.ts';
import type {
  ConnectionState,
  DecidedEvent,
  HeardEvent,
  JournalStore,
  JournaledEvent,
} from '../../../ports/journal-store.ts';
import { toTimestamp } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { knownKeys, pairComments, pairKey } from './pair-comments.ts';

export function journalRows(db: Queryable): JournalStore {
  return {
    appendEvents: (events) => appendEvents(db, events),
    knownKeys: (connection, keys) => knownKeys(db, connection, keys),
    undecidedEvents: (limit) => undecidedEvents(db, limit),
    decisionOf: (connection, key) => decisionOf(db, connection, key),
    recordDecisions: (decided) => recordDecisions(db, decided),
    heardUntil: async (connection) => {
      const { rows } = await db.query<{ heard_until: Date | null }>(
        `select heard_until from connections where name = $1`,
        [connection],
      );
      return rows[0]?.heard_until?.getTime();
    },
    heardSince: async (connection) => {
      const { rows } = await db.query<{ at: Date | null }>(
        `select min(gerrit_at) as at from events where connection = $1`,
        [connection],
      );
      return rows[0]?.at?.getTime();
    },
    saveHeardUntil: async (connection, until) => {
      await db.query(
        `insert into connections (name, state, heard_until) values ($1, 'connecting', $2)
         on conflict (name) do update set heard_until = greatest(connections.heard_until, excluded.heard_until)`,
        [connection, toTimestamp(until)],
      );
    },
    saveConnectionState: (connection, state) => saveConnectionState(db, connection, state),
    saveCurrentPatchset: async (patchset) => {
      const { rows } = await db.query<{ current_patchset: number }>(
        `insert into changes (connection, number, project, current_patchset) values ($1, $2, $3, $4)
         on conflict (connection, number) do update
           set current_patchset = greatest(changes.current_patchset, excluded.current_patchset), project = excluded.project
         returning current_patchset`,
        [patchset.connection, patchset.number, patchset.project, patchset.patchset],
      );
      return rows[0]!.current_patchset;
    },
  };
}

async function undecidedEvents(db: Queryable, limit: number): Promise<readonly JournaledEvent[]> {
  const { rows } = await db.query<EventRow>(
    `select id, connection, key, source, event, files from events e
         where decision is null and not needs_files and not exists (
           select from events w where w.connection = e.connection and w.change_number = e.change_number and w.id < e.id
             and w.needs_files and w.decision is null)
         order by id limit $1 for update of e skip locked`,
    [limit],
  );
  return rows.map(toJournaledEvent);
}

/** One statement: in a flood nearly all events are ignored, and this is all that is written of them. */
async function recordDecisions(db: Queryable, decided: readonly DecidedEvent[]): Promise<void> {
  if (decided.length === 0) return;
  await db.query(
    `update events e set decision = d.decision, reason = d.reason, decided_at = now()
     from unnest($1::bigint[], $2::text[], $3::text[]) as d(id, decision, reason) where e.id = d.id`,
    [
      decided.map(({ eventId }) => eventId),
      decided.map(({ decision }) => decision),
      decided.map(({ reason }) => reason),
    ],
  );
}

async function decisionOf(db: Queryable, connection: string, key: string): ReturnType<JournalStore['decisionOf']> {
  const { rows } = await db.query<{ decision: string | null; reason: string | null; runs: string[] }>(
    `select e.decision, e.reason, array(select s.pipeline from buildsets s where s.trigger_event = e.id order by 1) as runs
     from events e where connection = $1 and key = $2`,
    [connection, key],
  );
  const { decision, reason, runs } = rows[0] ?? { decision: null, reason: null, runs: [] };
  return { decision: decision ?? 'waiting', reason: reason ?? '', runs };
}

interface EventRow {
  id: string;
  connection: string;
  key: string;
  source: HeardEvent['source'];
  event: ReviewEvent;
  files: readonly string[] | null;
}

function toJournaledEvent({ files, ...row }: EventRow): JournaledEvent {
  return { ...row, files: files ?? undefined };
}

/**
 * One statement for many events of one connection and source; the caller holds the journal's lock, or two views of a comment that come
 * at the same moment would not see each other (`pair-comments.ts`).
 */
async function appendEvents(db: Queryable, events: readonly HeardEvent[]): Promise<number> {
  const known = await pairComments(db, events);
  const fresh = events.filter((event) => !known.has(event)).map(toRow);
  if (fresh.length === 0) return 0;
  const { rowCount } = await db.query(
    `insert into events (connection, key, source, type, project, change_number, patchset, event, pair_key, gerrit_at)
     select connection, key, source, type, project, change_number, patchset, event, pair_key, gerrit_at
     from jsonb_to_recordset($1::jsonb) as r(connection text, key text, source text, type text, project text, change_number integer,
       patchset integer, event jsonb, pair_key text, gerrit_at timestamptz)
     on conflict (connection, key) do nothing`,
    [JSON.stringify(fresh)],
  );
  const last = fresh.at(-1)!;
  await db.query(`update connections set last_event_at = greatest(last_event_at, $2::timestamptz) where name = $1`, [
    last.connection,
    last.gerrit_at,
  ]);
  if (rowCount) await notify(db, 'events');
  return rowCount ?? 0;
}

function toRow(heard: HeardEvent) {
  const { event } = heard;
  const about = isBranchEvent(event) ? event.tip : changeOf(event);
  return {
    connection: heard.connection,
    key: heard.key,
    source: heard.source,
    type: event.type,
    project: about.project,
    change_number: 'number' in about ? about.number : null,
    patchset: 'patchset' in event ? event.patchset.patchset : null,
    // JSON text may hold NUL as an escape, which jsonb refuses.
    event: JSON.parse(JSON.stringify(event).replaceAll('\\u0000', '\\ufffd')) as unknown,
    pair_key: pairKey(heard) ?? null,
    gerrit_at: toTimestamp(event.createdAt),
  };
}

async function saveConnectionState(
  db: Queryable,
  connection: string,
  { state, detail }: ConnectionState,
): Promise<void> {
  await db.query(
    `insert into connections (name, state, detail) values ($1, $2, $3)
     on conflict (name) do update set state = excluded.state, detail = excluded.detail`,
    [connection, state, detail],
  );
  await notify(db, 'status');
}

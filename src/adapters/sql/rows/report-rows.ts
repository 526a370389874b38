import type { Vote } from '../../../domain/vote.ts';
import type {
  HeldReport,
  HoldReason,
  NewReport,
  ReportDecision,
  ReportRecord,
  ReportStore,
} from '../../../ports/report-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { patchsetColumns, toPatchset } from './buildset-rows.ts';
import type { PatchsetColumns } from './buildset-rows.ts';
import { reportedBuildsets } from './reported-buildsets.ts';
import { stoppedRows } from './stopped-rows.ts';

/** Seconds a claim lasts: longer than one posting with all its requests to Gerrit may take. */
const claimSeconds = 180;

export function reportRows(db: Queryable): ReportStore {
  return {
    insertReport: (report) => insertReport(db, report),
    claimReports: async (owner, limit) => {
      const { rows } = await db.query<ReportColumns>(
        `with claimed as (
           update reports set attempts = attempts + 1, claimed_by = $1, next_try_at = now() + make_interval(secs => ${claimSeconds})
           where buildset in (
             select buildset from reports where state = 'intended' and next_try_at <= now() order by intended_at limit $2 for update skip locked)
           returning *)
         select ${patchsetColumns}, s.pipeline, r.buildset, r.message, r.tag, r.marker, r.label, r.value, r.attempts
         from claimed r join buildsets s on s.id = r.buildset`,
        [owner, limit],
      );
      return rows.map(toReport);
    },
    saveReportPosted: async (buildset, outcome, detail) => {
      await db.query(
        `update reports set state = 'posted', outcome = $2, detail = $3, posted_at = now() where buildset = $1 and state = 'intended'`,
        [buildset, outcome, detail],
      );
      await notify(db, 'status');
    },
    saveReportDelayed: async (buildset, delay, detail) => {
      await db.query(
        `update reports set next_try_at = now() + make_interval(secs => $2::float / 1000), detail = $3 where buildset = $1 and state = 'intended'`,
        [buildset, delay, detail],
      );
    },
    ...stoppedRows(db),
    reportedBuildsets: (connection, since, limit) => reportedBuildsets(db, { connection, since, limit }),
    heldReports: () => heldReports(db),
    closeHeldNotice: (project) => closeHeldNotice(db, project),
    decideReport: (buildset, decision, by) => decideReport(db, { buildset, decision, by }),
    saveReportFailed: async (buildset, detail) => {
      await db.query(`update reports set state = 'failed', detail = $2 where buildset = $1 and state = 'intended'`, [
        buildset,
        detail,
      ]);
      await notify(db, 'status');
    },
  };
}

async function insertReport(db: Queryable, report: NewReport): Promise<void> {
  await db.query(
    `insert into reports (buildset, message, tag, marker, label, value, state, held_for, stopped_job)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      report.buildset,
      report.message,
      report.tag,
      report.marker,
      report.vote?.label ?? null,
      report.vote?.value ?? null,
      report.state,
      report.heldFor ?? null,
      report.stoppedJob ?? null,
    ],
  );
  await dropReplaced(db, report.buildset);
  await notify(db, 'reports');
}

/** Who asked again while the last result waited for a person gets one comment, the newer. */
async function dropReplaced(db: Queryable, buildset: string): Promise<void> {
  await db.query(
    `update reports r set state = 'dropped', detail = 'A newer result came.'
     from buildsets older join buildsets newer on (newer.connection, newer.change_number, newer.patchset, newer.pipeline)
       = (older.connection, older.change_number, older.patchset, older.pipeline)
     where newer.id = $1 and older.id <> $1 and r.buildset = older.id and r.state = 'held'`,
    [buildset],
  );
}

async function heldReports(db: Queryable): Promise<readonly HeldReport[]> {
  const { rows } = await db.query<PatchsetColumns & HeldColumns>(
    `select ${patchsetColumns}, s.pipeline, r.buildset, r.message, r.label, r.value, r.intended_at,
       coalesce(r.held_for, 'vote') as held_for, r.stopped_job
     from reports r join buildsets s on s.id = r.buildset where r.state = 'held' order by r.intended_at`,
  );
  return rows.map((row) => ({
    buildset: row.buildset,
    patchset: toPatchset(row),
    pipeline: row.pipeline,
    message: row.message,
    vote: toVote(row),
    since: row.intended_at.getTime(),
    heldFor: row.held_for,
    stoppedJob: optional(row.stopped_job),
  }));
}

export interface VoteColumns {
  readonly label: string | null;
  readonly value: number | null;
}

export function toVote({ label, value }: VoteColumns): Vote | undefined {
  return label === null || value === null ? undefined : { label, value };
}

interface HeldColumns extends VoteColumns {
  readonly pipeline: string;
  readonly buildset: string;
  readonly message: string;
  readonly intended_at: Date;
  readonly held_for: HoldReason;
  readonly stopped_job: string | null;
}

async function closeHeldNotice(db: Queryable, project: string): Promise<void> {
  const { rowCount } = await db.query(
    `update notices set closed_at = now() where code = 'report-held' and subject = $1 and closed_at is null
       and not exists (select from reports r join buildsets s on s.id = r.buildset where r.state = 'held' and s.project = $1)`,
    [project],
  );
  if (rowCount) await notify(db, 'status');
}

async function decideReport(
  db: Queryable,
  { buildset, decision, by }: { buildset: string; decision: ReportDecision; by: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update reports set state = $2, value = case when $3 then 0 else value end, decided_by = $4, next_try_at = now()
     where buildset = $1 and state = 'held'`,
    [buildset, decision === 'drop' ? 'dropped' : 'intended', decision === 'downgrade', by],
  );
  await notify(db, 'reports', 'status');
  return rowCount === 1;
}

type ReportColumns = PatchsetColumns &
  VoteColumns & {
    pipeline: string;
    buildset: string;
    message: string;
    tag: string;
    marker: string;
    attempts: number;
  };

function toReport(row: ReportColumns): ReportRecord {
  const { buildset, pipeline, message, tag, marker } = row;
  return {
    buildset,
    patchset: toPatchset(row),
    pipeline,
    message,
    tag,
    marker,
    vote: toVote(row),
    earlierAttempts: row.attempts - 1,
  };
}

import { randomUUID } from 'node:crypto';
import { noDependencies } from '../../../domain/dependencies.ts';
import { buildLogPath } from '../../../domain/log-path.ts';
import type { Patchset } from '../../../domain/patchset.ts';
import { isPatchset } from '../../../domain/tested-ref.ts';
import type { BranchTip, TestedRef } from '../../../domain/tested-ref.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import type {
  BuildsetSoFar,
  BuildsetStore,
  ClosedBuildset,
  FinishedBuild,
  NewBuildset,
} from '../../../ports/build-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { toVerdict } from './verdict-columns.ts';
import type { VerdictColumns } from './verdict-columns.ts';

export interface BuildsetColumns {
  connection: string;
  project: string;
  branch: string;
  change_number: number;
  change_id: string;
  patchset: number;
  revision: string;
  ref: string;
  subject: string;
  owner: string;
  url: string;
}

/** The columns of `buildsets s` that make a Patchset, or the tip of a branch; `owner` is renamed because `builds` has one too. */
export const patchsetColumns =
  's.connection, s.project, s.branch, s.change_number, s.change_id, s.patchset, s.revision, s.ref, s.subject, s.owner as change_owner, s.url';

/** What people call it, by the columns of `buildsets s`: change and patchset, or the branch. */
export const shownRef = `coalesce(s.change_number || ',' || s.patchset, s.branch || ' at ' || left(s.revision, 7))`;

export type PatchsetColumns = Omit<BuildsetColumns, 'owner'> & { change_owner: string };

/** Those of a buildset that no change started have no change. */
export type TestedColumns = PatchsetColumns | TipColumns;

type TipColumns = Omit<PatchsetColumns, 'change_number'> & { change_number: null };

export function toTested(row: TestedColumns): TestedRef {
  if (row.change_number !== null) return toPatchset(row as PatchsetColumns);
  const { connection, project, branch, revision, ref } = row;
  return { connection, project, branch, revision, ref };
}

export function toPatchset(row: PatchsetColumns): Patchset {
  const { connection, project, branch, patchset, revision, ref, subject, url } = row;
  return {
    connection,
    project,
    branch,
    number: row.change_number,
    changeId: row.change_id,
    patchset,
    revision,
    ref,
    subject,
    owner: row.change_owner,
    url,
  };
}

export function buildsetRows(db: Queryable): BuildsetStore {
  return {
    insertBuildset: (buildset) => insertBuildset(db, buildset),
    pipelinesOf: async ({ connection, number }, patchset) => {
      const { rows } = await db.query<{ pipeline: string }>(
        `select distinct pipeline from buildsets
         where connection = $1 and change_number = $2 and patchset = $3 and state <> 'cancelled'`,
        [connection, number, patchset],
      );
      return rows.map(({ pipeline }) => pipeline);
    },
    abortBuildsets: async (change, below, reason) => {
      await dropHeldReports(db, { ...change, below, reason });
      const { rows } = await db.query<{ id: string }>(
        `update buildsets set state = 'cancelled', ended_at = now()
         where connection = $1 and change_number = $2 and ($3::integer is null or patchset < $3) and state = 'open' returning id`,
        [change.connection, change.number, below ?? null],
      );
      const ids = rows.map((row) => row.id);
      if (ids.length === 0) return 0;
      await endQueued(db, ids, reason);
      await db.query(`update builds set cancel_reason = $2 where buildset = any($1) and state = 'running'`, [
        ids,
        reason,
      ]);
      await notify(db, 'cancel', 'status');
      return ids.length;
    },
    abortQueuedTips: (tip, pipeline, reason) => abortQueuedTips(db, { tip, pipeline, reason }),
    insertNextAttempt: async (buildId, delay) => {
      const { rows } = await db.query<
        TestedColumns & { pipeline: string; job: string; attempt: number; buildset: string }
      >(
        `select ${patchsetColumns}, s.pipeline, b.job, b.attempt, b.buildset from builds b join buildsets s on s.id = b.buildset where b.id = $1`,
        [buildId],
      );
      const row = rows[0]!;
      const { attempt, buildset, job, pipeline } = row;
      await insertBuild(db, { tested: toTested(row), pipeline, job, buildset, attempt: attempt + 1, delay });
    },
    closeBuildset: (id) => closeBuildset(db, id),
    findBuildset: (start) => findBuildset(db, start),
  };
}

/** What waits for a person on a patchset that is over is not posted any more. */
async function dropHeldReports(
  db: Queryable,
  {
    connection,
    number,
    below,
    reason,
  }: { connection: string; number: number; below: number | undefined; reason: string },
): Promise<void> {
  await db.query(
    `update reports r set state = 'dropped', detail = $4 from buildsets s
     where s.id = r.buildset and r.state = 'held' and s.connection = $1 and s.change_number = $2
       and ($3::integer is null or s.patchset < $3)`,
    [connection, number, below ?? null, reason],
  );
}

async function abortQueuedTips(
  db: Queryable,
  { tip, pipeline, reason }: { readonly tip: BranchTip; readonly pipeline: string; readonly reason: string },
): Promise<number> {
  const older = `connection = $1 and project = $2 and branch = $3 and pipeline = $4 and revision <> $5 and change_number is null
    and state = 'open'`;
  const which = [tip.connection, tip.project, tip.branch, pipeline, tip.revision];
  // Held first: a build that is admitted at this moment holds its row, and has started afterwards.
  await db.query(
    `select from builds where buildset in (select id from buildsets where ${older} for no key update) order by id for no key update`,
    which,
  );
  const { rows } = await db.query<{ id: string }>(
    `update buildsets s set state = 'cancelled', ended_at = now()
     where ${older} and not exists (select from builds where buildset = s.id and (state <> 'queued' or attempt > 1)) returning id`,
    which,
  );
  await endQueued(
    db,
    rows.map(({ id }) => id),
    reason,
  );
  return rows.length;
}

/** Builds of these buildsets that wait are over. */
async function endQueued(db: Queryable, buildsets: readonly string[], reason: string): Promise<void> {
  if (buildsets.length === 0) return;
  await db.query(
    `update builds set state = 'done', result = 'ABORTED', reason = $2, cancel_reason = $2, ended_at = now(), waiting_for = null
     where buildset = any($1) and state = 'queued'`,
    [buildsets, reason],
  );
  await notify(db, 'status');
}

async function insertBuildset(
  db: Queryable,
  { tested, pipeline, priority, eventId, jobs, isOnce, carries }: NewBuildset,
): Promise<boolean> {
  const id = randomUUID();
  const { rowCount } = await db.query(
    `insert into buildsets (id, connection, project, branch, change_number, change_id, patchset, revision, ref, subject, owner, url,
       pipeline, priority, trigger_event, dependencies, dependencies_after)
     select $1, $2, $3, $4, $5::integer, $6, $7::integer, $8, $9, $10, $11, $12, $13, $14, $15, $17::jsonb, case when $17 is null then now() end
     where not $16::boolean or not exists (
       select from buildsets where ${sameTested(tested)} and pipeline = $13 and state <> 'cancelled')
     on conflict do nothing`,
    [
      id,
      ...refValues(tested),
      pipeline,
      priority,
      eventId,
      isOnce,
      // What a patchset depends on, and what jobs carry, is asked of Gerrit first.
      isPatchset(tested) || carries ? null : JSON.stringify(noDependencies),
    ],
  );
  if (rowCount !== 1) return false;
  for (const job of jobs) await insertBuild(db, { tested, pipeline, job, buildset: id, attempt: 1, delay: 0 });
  await notify(db, 'dependencies');
  return true;
}

/** In the order of the columns. */
function refValues(tested: TestedRef): readonly unknown[] {
  const { connection, project, branch, revision, ref } = tested;
  if (!isPatchset(tested)) return [connection, project, branch, null, null, null, revision, ref, null, null, null];
  const { changeId, number, owner, patchset, subject, url } = tested;
  return [connection, project, branch, number, changeId, patchset, revision, ref, subject, owner, url];
}

/** SQL: the row is about the same, by the parameters of the insert. */
function sameTested(tested: TestedRef): string {
  if (isPatchset(tested)) return 'connection = $2 and change_number = $5 and patchset = $7';
  return 'connection = $2 and project = $3 and branch = $4 and revision = $8 and change_number is null';
}

interface NewBuild {
  readonly tested: TestedRef;
  readonly pipeline: string;
  readonly job: string;
  readonly buildset: string;
  readonly attempt: number;
  readonly delay: number;
}

function logOwner(tested: TestedRef) {
  if (!isPatchset(tested)) return { revision: tested.revision };
  return { change: tested.number, patchset: tested.patchset };
}

async function insertBuild(
  db: Queryable,
  { tested, pipeline, job, buildset, attempt, delay }: NewBuild,
): Promise<void> {
  const id = randomUUID();
  const logPath = buildLogPath({ ...logOwner(tested), pipeline, job, build: id });
  await db.query(
    `insert into builds (id, buildset, job, attempt, not_before, log_path)
     values ($1, $2, $3, $4, now() + make_interval(secs => $5::float / 1000), $6) on conflict do nothing`,
    [id, buildset, job, attempt, delay, logPath],
  );
  await notify(db, 'queue');
}

type FinishedRow = VerdictColumns & { id: string; job: string; duration_ms: number; log_path: string };

async function closeBuildset(db: Queryable, id: string): Promise<ClosedBuildset | undefined> {
  // The lock makes one of two builds that end at once the last one. Not `for update`: both may hold the row's key by a foreign key.
  const { rows } = await db.query<TestedColumns & { pipeline: string; state: string }>(
    `select ${patchsetColumns}, s.pipeline, s.state from buildsets s where id = $1 for no key update`,
    [id],
  );
  const { rows: open } = await db.query(`select from builds where buildset = $1 and state <> 'done' limit 1`, [id]);
  const row = rows[0];
  if (!row || open.length > 0) return undefined;
  await db.query(`update buildsets set state = 'done', ended_at = now() where id = $1 and state = 'open'`, [id]);
  const builds = (await lastBuilds(db, id)).map(toFinished);
  return { id, tested: toTested(row), pipeline: row.pipeline, wanted: row.state === 'open', builds };
}

/** The last attempt of each job. */
async function lastBuilds(db: Queryable, buildset: string): Promise<readonly FinishedRow[]> {
  const { rows } = await db.query<FinishedRow>(
    `select distinct on (job) id, job, result, reason, error_code, passed, failed, skipped, failed_tests, cause, log_path,
       coalesce(extract(epoch from ended_at - started_at) * 1000, 0)::integer as duration_ms
     from builds where buildset = $1 order by job, attempt desc`,
    [buildset],
  );
  return rows;
}

function toFinished(build: FinishedRow): FinishedBuild {
  return {
    id: build.id,
    job: build.job,
    verdict: toVerdict(build) as Verdict,
    durationMs: build.duration_ms,
    logPath: build.log_path,
  };
}

async function findBuildset(db: Queryable, start: string): Promise<BuildsetSoFar | undefined> {
  if (!/^[0-9a-f]{7}[0-9a-f-]{0,29}$/.test(start)) return undefined;
  const { rows } = await db.query<
    TestedColumns & { id: string; pipeline: string; state: string | null; message: string | null }
  >(
    `select s.id, ${patchsetColumns}, s.pipeline, r.state, r.message from buildsets s left join reports r on r.buildset = s.id
     where s.id::text like $1 || '%' or s.id in (select buildset from builds where id::text like $1 || '%') limit 2`,
    [start],
  );
  const [row] = rows;
  if (!row || rows.length > 1) return undefined;
  const builds = await lastBuilds(db, row.id);
  return {
    id: row.id,
    tested: toTested(row),
    pipeline: row.pipeline,
    builds: builds.filter(({ result }) => result !== null).map(toFinished),
    unfinished: builds.filter(({ result }) => result === null).map(({ job }) => job),
    report: row.state === null ? undefined : { state: row.state, message: row.message ?? '' },
  };
}

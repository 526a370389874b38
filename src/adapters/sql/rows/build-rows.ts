import type { BuildStep } from '../../../domain/build.ts';
import { noDependencies } from '../../../domain/dependencies.ts';
import type { Dependencies } from '../../../domain/dependencies.ts';
import { SidegateError } from '../../../domain/errors.ts';
import type { LeasedSlot } from '../../../domain/slot.ts';
import type { TestResult } from '../../../domain/test-result.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import type { BuildLease, BuildStore, QueuedBuild, RunningBuild } from '../../../ports/build-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { releaseOrphans, requeueBuild, startBuilds } from './build-starts.ts';
import { testsAt } from './tests-at.ts';
import { baselineOf } from './baseline-rows.ts';
import { earlyFailureRows } from './early-failure-rows.ts';
import { failuresBeside } from './peer-rows.ts';
import { notify } from '../notify.ts';
import { patchsetColumns, toTested } from './buildset-rows.ts';
import type { PatchsetColumns } from './buildset-rows.ts';
import { causeColumn, toVerdict } from './verdict-columns.ts';
import type { VerdictColumns } from './verdict-columns.ts';

/** Test results stored of one build; a hostile stream could carry millions. */
const maxTests = 20_000;
/** Of PostgreSQL's `integer`; the clock of a test server may say anything. */
const maxInteger = 2_147_483_647;
/** The year 9999. */
const maxTime = 253_370_764_800_000;

export function buildRows(db: Queryable): BuildStore {
  return {
    queuedBuilds: (limit) => queuedBuilds(db, limit),
    runningBuildsPerProject: async () => {
      const { rows } = await db.query<{ project: string; count: number }>(
        `select s.project, count(*)::integer as count from builds b join buildsets s on s.id = b.buildset where b.state = 'running' group by 1`,
      );
      return new Map(rows.map((row) => [row.project, row.count]));
    },
    saveWaiting: async (waiting) => {
      const { rowCount } = await db.query(
        `update builds set waiting_for = w.reason from jsonb_to_recordset($1::jsonb) as w("buildId" uuid, reason text)
         where id = w."buildId" and state = 'queued' and waiting_for is distinct from w.reason`,
        [JSON.stringify(waiting)],
      );
      if (rowCount) await notify(db, 'status');
    },
    startBuilds: (starts) => startBuilds(db, starts),
    takeBuild: async (buildId, owner) => {
      const { rows } = await db.query<{ epoch: number }>(
        `update builds set epoch = epoch + 1, owner = $2 where id = $1 and state = 'running' returning epoch`,
        [buildId, owner],
      );
      const [taken] = rows;
      const build = taken && (await findBuild(db, buildId));
      // The epoch this call made: between the two statements another process may have taken the build, and its epoch is not ours.
      return build && { ...build, epoch: taken.epoch };
    },
    runningBuildsOf: async (owner) => {
      const { rows } = await db.query<{ id: string }>(`select id from builds where owner = $1 and state = 'running'`, [
        owner,
      ]);
      return rows.map(({ id }) => id);
    },
    findBuild: (buildId) => findBuild(db, buildId),
    saveStep: (lease, step, phase) => saveStep(db, lease, step, phase),
    saveTestResults: (lease, tests) => saveTestResults(db, lease, tests),
    saveEvidence: (lease, evidence) => saveColumn(db, lease, 'evidence', evidence),
    saveProof: (lease, proof) => saveColumn(db, lease, 'proof', proof),
    finishBuild: (lease, verdict) => finishBuild(db, lease, verdict),
    testsAt: (buildId, times) => testsAt(db, buildId, times),
    baselineOf: (buildId) => baselineOf(db, buildId),
    failuresBeside: (buildId) => failuresBeside(db, buildId),
    ...earlyFailureRows(db),
    requeueBuild: (lease, waitingFor, pause) => requeueBuild(db, { lease, waitingFor, pause }),
    releaseOrphans: () => releaseOrphans(db),
    cancelBuild: (buildId, reason) => cancelBuild(db, buildId, reason),
  };
}

async function queuedBuilds(db: Queryable, limit: number): Promise<readonly QueuedBuild[]> {
  const { rows } = await db.query<{ id: string; job: string; project: string; priority: number; queued_at: Date }>(
    `select b.id, b.job, s.project, s.priority, b.queued_at from builds b join buildsets s on s.id = b.buildset
     where b.state = 'queued' and b.not_before <= now() and s.dependencies is not null order by s.priority desc, b.queued_at limit $1`,
    [limit],
  );
  return rows.map((row) => ({
    id: row.id,
    job: row.job,
    project: row.project,
    priority: row.priority,
    queuedAt: row.queued_at.getTime(),
  }));
}

type RunningRow = PatchsetColumns &
  VerdictColumns & {
    id: string;
    buildset: string;
    job: string;
    attempt: number;
    state: RunningBuild['state'];
    step: BuildStep | null;
    phase: string | null;
    epoch: number;
    pipeline: string;
    dependencies: Dependencies | null;
    server: string | null;
    backend: string | null;
    prefix: string | null;
    generation: number | null;
    log_path: string;
    cancel_reason: string | null;
    started_at: Date | null;
  };

async function findBuild(db: Queryable, buildId: string): Promise<RunningBuild | undefined> {
  const { rows } = await db.query<RunningRow>(
    `select ${patchsetColumns}, s.pipeline, s.dependencies, b.* from builds b join buildsets s on s.id = b.buildset where b.id = $1`,
    [buildId],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    id: row.id,
    buildset: row.buildset,
    job: row.job,
    attempt: row.attempt,
    state: row.state,
    step: optional(row.step),
    phase: optional(row.phase),
    epoch: row.epoch,
    verdict: toVerdict(row),
    tested: toTested(row),
    pipeline: row.pipeline,
    dependencies: row.dependencies ?? noDependencies,
    server: optional(row.server),
    slot: toLeasedSlot(row),
    logPath: row.log_path,
    cancelReason: optional(row.cancel_reason),
    startedAt: row.started_at?.getTime() ?? 0,
  };
}

function toLeasedSlot({ backend, prefix, generation }: RunningRow): LeasedSlot | undefined {
  if (backend === null || prefix === null) return undefined;
  return { backend, prefix, generation: generation ?? 0 };
}

async function saveColumn(
  db: Queryable,
  lease: BuildLease,
  column: 'evidence' | 'proof',
  value: object,
): Promise<void> {
  const { rowCount } = await db.query(
    `update builds set ${column} = $3 where id = $1 and epoch = $2 and state = 'running'`,
    [lease.buildId, lease.epoch, JSON.stringify(value).replaceAll('\\u0000', '\\ufffd')],
  );
  if (rowCount !== 1) throw staleEpoch(lease);
}

async function saveStep(db: Queryable, lease: BuildLease, step: BuildStep, phase: string | undefined): Promise<void> {
  const { rowCount } = await db.query(
    `with mine as (
       update builds set step = $3, phase = $4, step_since = now()
       where id = $1 and epoch = $2 and state = 'running' and (step is distinct from $3 or phase is distinct from $4) returning id),
     history as (insert into build_history (build, step, phase) select id, $3, $4 from mine)
     select pg_notify('sidegate', 'status'), set_config('synchronous_commit', 'off', true) from builds where id = $1 and epoch = $2 and state = 'running'`,
    [lease.buildId, lease.epoch, step, phase ?? null],
  );
  if (rowCount !== 1) throw staleEpoch(lease);
}

async function saveTestResults(db: Queryable, lease: BuildLease, tests: readonly TestResult[]): Promise<void> {
  const rows = tests.slice(0, maxTests).map((test, ordinal) => ({
    ...test,
    duration: test.duration === undefined ? null : Math.min(Math.round(test.duration), maxInteger),
    startedAt: test.startedAt === undefined ? null : Math.min(test.startedAt, maxTime),
    ordinal,
  }));
  const { rowCount } = await db.query(
    `with mine as (select id from builds where id = $1 and epoch = $2 and state = 'running'),
     inserted as (
       insert into test_results (build, ordinal, id, outcome, duration, started_at, tags, details)
       select mine.id, ordinal, r.id, outcome, duration, to_timestamp("startedAt" / 1000), tags, details
       from mine, jsonb_to_recordset($3::jsonb)
         as r(ordinal integer, id text, outcome text, duration integer, "startedAt" double precision, tags jsonb, details text)
       on conflict do nothing)
     select from mine`,
    [lease.buildId, lease.epoch, JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd')],
  );
  if (rowCount !== 1) throw staleEpoch(lease);
}

async function finishBuild(db: Queryable, lease: BuildLease, verdict: Verdict): Promise<void> {
  const { rows } = await db.query<{ server: string | null }>(
    `update builds set state = 'done', result = $3, reason = $4, error_code = $5, passed = $6, failed = $7, skipped = $8, failed_tests = $9, cause = $10,
       ended_at = now(), step = null, phase = null, step_since = null
     where id = $1 and epoch = $2 and state = 'running' returning server`,
    [
      lease.buildId,
      lease.epoch,
      verdict.result,
      verdict.reason.replaceAll('\0', '\ufffd'),
      verdict.errorCode ?? null,
      verdict.tests?.passed ?? null,
      verdict.tests?.failed ?? null,
      verdict.tests?.skipped ?? null,
      JSON.stringify(verdict.failedTests).replaceAll('\\u0000', '\\ufffd'),
      causeColumn(verdict),
    ],
  );
  if (rows.length !== 1) throw staleEpoch(lease);
  await db.query(
    `with server as (
       update servers set state = 'deleting', since = now(), next_try_at = now() where id = $2 and state in ('building', 'ready')),
     history as (insert into build_history (build, step) values ($1, 'done'))
     update slots set state = 'dirty', since = now(), next_try_at = now() where build = $1 and state = 'leased'`,
    [lease.buildId, rows[0]!.server],
  );
  await notify(db, 'queue', 'servers', 'slots', 'status');
}

async function cancelBuild(db: Queryable, buildId: string, reason: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update builds set cancel_reason = $2,
       result = case when state = 'queued' then 'ABORTED' end, reason = case when state = 'queued' then $2 end,
       ended_at = case when state = 'queued' then now() end, waiting_for = null,
       state = case when state = 'queued' then 'done' else state end
     where id = $1 and state <> 'done'`,
    [buildId, reason],
  );
  await notify(db, 'cancel', 'status');
  return rowCount === 1;
}

function staleEpoch(lease: BuildLease): SidegateError {
  return new SidegateError('stale-epoch', `build ${lease.buildId}, epoch ${lease.epoch}`);
}

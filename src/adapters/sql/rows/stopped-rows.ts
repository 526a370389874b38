import type { Result } from '../../../domain/verdict.ts';
import type { ReportStore } from '../../../ports/report-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { patchsetColumns, toPatchset } from './buildset-rows.ts';
import type { PatchsetColumns } from './buildset-rows.ts';

type StoppedRows = Pick<
  ReportStore,
  'resultsReported' | 'stoppedJobs' | 'stopJob' | 'resumeJob' | 'postStopped' | 'dropStopped'
>;

/** Jobs whose failures are not reported, and the reports that wait for them. */
export function stoppedRows(db: Queryable): StoppedRows {
  return {
    resultsReported: (job, limit) => resultsReported(db, job, limit),
    stoppedJobs: () => stoppedJobs(db),
    stopJob: async ({ job, reason, by }) => {
      const { rowCount } = await db.query(
        `insert into stopped_jobs as s (job, reason, stopped_by) values ($1, $2, $3)
         on conflict (job) do update set reason = excluded.reason, stopped_by = excluded.stopped_by, stopped_at = now(),
           resumed_at = null, resumed_by = null where s.resumed_at is not null`,
        [job, reason, by ?? null],
      );
      await notify(db, 'status');
      return rowCount === 1;
    },
    resumeJob: async (job, by) => {
      const { rowCount } = await db.query(
        `update stopped_jobs set resumed_at = now(), resumed_by = $2 where job = $1 and resumed_at is null`,
        [job, by],
      );
      await notify(db, 'status');
      return rowCount === 1;
    },
    postStopped: async (job, by) => {
      await db.query(
        `update reports set state = 'intended', decided_by = $2, next_try_at = now()
         where stopped_job = $1 and state = 'held' and held_for = 'stopped'`,
        [job, by],
      );
      await db.query(`update reports set stopped_job = null where stopped_job = $1 and state = 'held'`, [job]);
      await notify(db, 'reports', 'status');
    },
    dropStopped: (job, by) => dropStopped(db, job, by),
  };
}

async function stoppedJobs(db: Queryable): ReturnType<StoppedRows['stoppedJobs']> {
  const { rows } = await db.query<{
    job: string;
    reason: string;
    stopped_by: string | null;
    stopped_at: Date;
    waiting: number;
  }>(
    `select job, reason, stopped_by, stopped_at,
       (select count(*) from reports r where r.stopped_job = s.job and r.state = 'held')::integer as waiting
     from stopped_jobs s where resumed_at is null order by job`,
  );
  return rows.map(({ job, reason, stopped_by: by, stopped_at: since, waiting }) => ({
    job,
    reason,
    by: optional(by),
    since: since.getTime(),
    waiting,
  }));
}

type ResultColumns = PatchsetColumns & {
  result: Result;
  reason: string | null;
  error_code: string | null;
  failed_tests: readonly string[];
};

async function resultsReported(db: Queryable, job: string, limit: number): ReturnType<StoppedRows['resultsReported']> {
  const { rows } = await db.query<ResultColumns>(
    `select ${patchsetColumns}, b.result, b.reason, b.error_code, b.failed_tests
     from reports r join buildsets s on s.id = r.buildset
       join lateral (select * from builds where buildset = s.id and job = $1 order by attempt desc limit 1) b on true
     where r.state <> 'silent' and r.intended_at > now() - interval '7 days' and b.result is not null
       and r.intended_at > coalesce((select resumed_at from stopped_jobs where job = $1), '-infinity')
     order by r.intended_at desc limit $2`,
    [job, limit],
  );
  return rows.map((row) => ({
    result: row.result,
    errorCode: optional(row.error_code),
    reason: row.reason ?? '',
    failedTests: row.failed_tests,
    name: `${row.project} ${row.change_number},${row.patchset}`,
    changeKey: `${row.connection} ${row.change_number}`,
    owner: row.change_owner,
  }));
}

async function dropStopped(db: Queryable, job: string, by: string): ReturnType<StoppedRows['dropStopped']> {
  const { rows } = await db.query<PatchsetColumns & { buildset: string }>(
    `with dropped as (
       update reports set state = 'dropped', decided_by = $2, detail = 'Reports of ' || $1::text || ' were stopped.'
       where stopped_job = $1 and state = 'held' returning buildset, intended_at)
     select ${patchsetColumns}, d.buildset from dropped d join buildsets s on s.id = d.buildset order by d.intended_at`,
    [job, by],
  );
  await notify(db, 'status');
  return rows.map((row) => ({ buildset: row.buildset, patchset: toPatchset(row) }));
}

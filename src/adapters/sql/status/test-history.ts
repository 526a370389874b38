import type { TestOutcome } from '../../../domain/test-result.ts';
import type { TestRun } from '../../../ports/status.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { patchsetColumns, toTested } from '../rows/buildset-rows.ts';
import type { TestedColumns } from '../rows/buildset-rows.ts';

const maxRuns = 200;
/** Read of what a failed test says, of the newest failures: reason and traceback come first. */
const maxDetails = 262_144;
const detailedFailures = 10;
const fails = `t.outcome in ('failed', 'unexpected-success', 'incomplete')`;

type RunColumns = TestedColumns & {
  build: string;
  job: string;
  at: Date;
  outcome: TestOutcome;
  duration: number | null;
  started_at: Date | null;
  details: string;
  log_path: string | null;
};

/** Newest first. */
export async function testHistory(db: Queryable, id: string): Promise<readonly TestRun[]> {
  const { rows } = await db.query<RunColumns>(
    `select ${patchsetColumns}, b.id as build, b.job, coalesce(b.ended_at, b.started_at, b.queued_at) as at, t.outcome, t.duration, t.started_at,
       case when ${fails} and row_number() over (partition by ${fails} order by b.ended_at desc nulls last, b.id) <= ${detailedFailures}
         then left(t.details, ${maxDetails}) else '' end as details,
       case when b.logs_expired_at is null then b.log_path end as log_path
     from test_results t join builds b on b.id = t.build join buildsets s on s.id = b.buildset
     where md5(t.id) = md5($1) and t.id = $1 order by at desc, b.id limit ${maxRuns}`,
    [id.replaceAll('\0', '')],
  );
  return rows.map((row) => ({
    build: row.build,
    job: row.job,
    tested: toTested(row),
    at: row.at.toISOString(),
    outcome: row.outcome,
    duration: optional(row.duration),
    startedAt: row.started_at?.toISOString(),
    details: row.details,
    logPath: optional(row.log_path),
  }));
}

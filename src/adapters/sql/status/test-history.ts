import type { TestOutcome } from '../../../domain/test-result.ts';
import type { TestRun } from '../../../ports/status.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { patchsetColumns, toTested } from '../rows/buildset-rows.ts';
import type { TestedColumns } from '../rows/buildset-rows.ts';

const maxRuns = 200;

type RunColumns = TestedColumns & {
  build: string;
  job: string;
  at: Date;
  outcome: TestOutcome;
  again: TestOutcome | null;
  duration: number | null;
};

/** Newest first. */
export async function testHistory(db: Queryable, id: string): Promise<readonly TestRun[]> {
  const { rows } = await db.query<RunColumns>(
    `select ${patchsetColumns}, b.id as build, b.job, coalesce(b.ended_at, b.started_at, b.queued_at) as at, t.outcome, t.again, t.duration
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
    again: optional(row.again),
    duration: optional(row.duration),
  }));
}

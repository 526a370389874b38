import type { TestOutcome } from '../../../domain/test-result.ts';
import type { ListedTests, ShownOutcome, TestFilter } from '../../../ports/status.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { findBuildId } from './build-detail.ts';
import { selectBuilds } from './build-status.ts';

/** Of one page. */
const maxTests = 5000;

const failing = `('failed', 'unexpected-success', 'incomplete')`;
const again = `coalesce(again in ('passed', 'expected-failure'), false)`;
const conditions: Record<ShownOutcome, string> = {
  failed: `outcome in ${failing}`,
  again: `outcome = 'failed' and ${again}`,
  skipped: `outcome = 'skipped'`,
  passed: `outcome in ('passed', 'expected-failure')`,
};

interface TestColumns {
  id: string;
  outcome: TestOutcome;
  again: TestOutcome | null;
  duration: number | null;
  said: string;
  fitting: number;
}

/** Failures first, then as they ended. Of what they said just a piece: the end of a failure, the start of a reason. */
export async function listedTests(
  db: Queryable,
  start: string,
  { from, outcome, text }: TestFilter,
): Promise<ListedTests | undefined> {
  const id = await findBuildId(db, start);
  const build = id === undefined ? undefined : (await selectBuilds(db, 'b.id = $1', [id]))[0];
  if (!build) return undefined;
  const { rows } = await db.query<TestColumns>(
    `select id, outcome, again, duration, count(*) over ()::integer as fitting,
       case when outcome in ${failing} then right(details, 600) when outcome = 'passed' then '' else left(details, 300) end as said
     from test_results where build = $1 and ${outcome === undefined ? 'true' : conditions[outcome]}
       and ($2 = '' or position(lower($2) in lower(id)) > 0)
     order by outcome in ${failing} desc, ordinal limit ${maxTests} offset $3`,
    [id, (text ?? '').replaceAll('\0', ''), from],
  );
  const tests = rows.map((row) => ({
    id: row.id,
    outcome: row.outcome,
    again: optional(row.again),
    duration: optional(row.duration),
    said: row.said,
  }));
  // Behind the last one there is no row that would tell.
  return { build, tests, fitting: rows[0]?.fitting ?? 0, next: rows.length === maxTests ? from + maxTests : undefined };
}

import type { BuildFilter, FoundTest } from '../../../ports/status.ts';
import type { Queryable } from '../connect.ts';
import { filteredBuilds } from './build-status.ts';

const mostTests = 200;

interface FoundColumns {
  id: string;
  passed: number;
  failed: number;
  skipped: number;
  build: string | null;
  at: Date | null;
}

/** Upper and lower case are the same. Those that failed most come first, then by id. */
export async function findTests(db: Queryable, part: string, filter: BuildFilter): Promise<readonly FoundTest[]> {
  const builds = await filteredBuilds(db, { ...filter, state: 'done' });
  const { rows } = await db.query<FoundColumns>(
    `with runs as (
       select t.id, b.id as build, coalesce(b.ended_at, b.queued_at) as at, t.outcome in ('passed', 'expected-failure') as passes,
         t.outcome in ('failed', 'unexpected-success') as fails, t.outcome = 'skipped' as skips
       from test_results t join builds b on b.id = t.build where t.build = any($1::uuid[]) and position(lower($2) in lower(t.id)) > 0)
     select id, count(*) filter (where passes)::integer as passed, count(*) filter (where fails)::integer as failed,
       count(*) filter (where skips)::integer as skipped, (array_agg(build order by at desc) filter (where fails))[1] as build, max(at) filter (where fails) as at
     from runs group by id order by failed desc, id limit ${mostTests}`,
    [builds.map(({ id }) => id), part.replaceAll('\0', '')],
  );
  return rows.map(({ at, build, ...counts }) => ({
    ...counts,
    lastFailure: at === null || build === null ? undefined : { build, at: at.toISOString() },
  }));
}

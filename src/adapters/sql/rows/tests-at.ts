import type { Queryable } from '../connect.ts';

/** Workers run a few tests at once. */
const maxTests = 8;

export async function testsAt(
  db: Queryable,
  buildId: string,
  times: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const { rows } = await db.query<{ tests: readonly string[] }>(
    `select array(select t.id from test_results t where t.build = $1 and t.started_at <= w.at
         and (t.duration is null or t.started_at + make_interval(secs => t.duration / 1000.0) >= w.at) order by t.ordinal limit ${maxTests}) as tests
     from unnest($2::timestamptz[]) with ordinality as w(at, place) order by place`,
    [buildId, times],
  );
  return rows.map(({ tests }) => tests);
}

import type { Baseline } from '../../../domain/baseline.ts';
import type { Queryable } from '../connect.ts';
import { shownRef } from './buildset-rows.ts';

/** Tips looked at: the last, and some before it for what fails now and then. */
const tips = 5;
const maxTests = 2000;
/** Older ones say nothing about the branch as it is. */
const maxAge = '14 days';

const passedAgain = `coalesce(t.again in ('passed', 'expected-failure'), false)`;

/** SQL: names of the tests that failed in build b, of those for which `which` is true. */
function testsOf(which: string): string {
  return `array(select t.id from test_results t where t.build = b.id and t.outcome in ('failed', 'unexpected-success') and ${which}
             order by t.ordinal limit ${maxTests})`;
}

/** Of the newest builds of the same job on the branch that the build's change is for; undefined: there was none lately. */
export async function baselineOf(db: Queryable, buildId: string): Promise<Baseline | undefined> {
  const { rows } = await db.query<{ tip: string; failed: readonly string[]; flaky: readonly string[] }>(
    `select ${shownRef} as tip,
       ${testsOf(`not (${passedAgain})`)} as failed, ${testsOf(passedAgain)} as flaky
     from builds ours join buildsets o on o.id = ours.buildset
       join buildsets s on s.connection = o.connection and s.project = o.project and s.branch = o.branch and s.change_number is null
       join builds b on b.buildset = s.id and b.job = ours.job
     where ours.id = $1 and o.change_number is not null and (b.result in ('SUCCESS', 'FAILURE') or b.cause ->> 'kind' = 'flaky') and b.ended_at > now() - interval '${maxAge}'
     order by b.ended_at desc limit ${tips}`,
    [buildId],
  );
  const [last, ...earlier] = rows;
  if (!last) return undefined;
  const failing = new Set(last.failed);
  const before = earlier.flatMap(({ failed }) => failed);
  const unsteady = new Set([...before, ...rows.flatMap(({ flaky }) => flaky)].filter((test) => !failing.has(test)));
  return { tip: last.tip, failing: [...failing], unsteady: [...unsteady] };
}

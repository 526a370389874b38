import { SidegateError } from '../../../domain/errors.ts';
import type { BuildLease } from '../../../ports/build-store.ts';
import type { TestRunStore } from '../../../ports/test-run-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

const maxTests = 20_000;
/** Older runs say nothing about what the job tests now. */
const maxAge = '14 days';

export function testRunRows(db: Queryable): TestRunStore {
  return {
    lastTests: (buildId) => lastTests(db, buildId),
    saveMissingTests: (lease, missing) => saveColumn(db, lease, { column: 'missing_tests', value: missing }),
    saveTestProgress: async (lease, progress, news) => {
      await saveColumn(db, lease, { column: 'test_progress', value: progress });
      if (news) await notify(db, 'status');
    },
  };
}

async function lastTests(db: Queryable, buildId: string): ReturnType<TestRunStore['lastTests']> {
  const { rows } = await db.query<{ build: string; tests: readonly string[] }>(
    `select b.id as build, array(select t.id from test_results t where t.build = b.id order by t.ordinal limit ${maxTests}) as tests
     from builds ours join buildsets o on o.id = ours.buildset
       join buildsets s on s.connection = o.connection and s.project = o.project and s.branch = o.branch
       join builds b on b.buildset = s.id and b.job = ours.job and b.id <> ours.id
     where ours.id = $1 and b.ended_at > now() - interval '${maxAge}'
       and (b.result in ('SUCCESS', 'FAILURE') or b.cause ->> 'kind' in ('branch', 'flaky')) and b.passed is not null
     order by b.ended_at desc limit 1`,
    [buildId],
  );
  return rows[0];
}

/** Found again in the console and the artifacts: a commit that a crash of the database loses is made good. */
async function saveColumn(
  db: Queryable,
  lease: BuildLease,
  { column, value }: { readonly column: 'missing_tests' | 'test_progress'; readonly value: object },
): Promise<void> {
  const { rowCount } = await db.query(
    `with mine as (update builds set ${column} = $3 where id = $1 and epoch = $2 and state = 'running' returning id)
     select set_config('synchronous_commit', 'off', true) from mine`,
    [lease.buildId, lease.epoch, JSON.stringify(value).replaceAll('\\u0000', '\\ufffd')],
  );
  if (rowCount !== 1) throw new SidegateError('stale-epoch', `build ${lease.buildId}, epoch ${lease.epoch}`);
}

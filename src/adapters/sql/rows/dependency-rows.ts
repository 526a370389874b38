import type { DependencyRead, DependencyStore } from '../../../ports/dependency-store.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { causeColumn } from './verdict-columns.ts';
import { patchsetColumns, toTested } from './buildset-rows.ts';
import type { TestedColumns } from './buildset-rows.ts';

/** Jobs and attempts of one buildset test the same. */
const hasStarted = `exists (select from builds where buildset = s.id and (state <> 'queued' or attempt > 1))`;

export function dependencyRows(db: Queryable): DependencyStore {
  return {
    claimDependencyReads: (limit) => claimDependencyReads(db, limit),
    saveDependencies: async (buildset, dependencies, again) => {
      await holdBuilds(db, buildset);
      await db.query(
        `update buildsets s set dependencies = $2, dependencies_tries = 0,
           dependencies_after = now() + make_interval(secs => $3::float / 1000)
         where id = $1 and state = 'open' and (dependencies is null or not ${hasStarted})`,
        [buildset, JSON.stringify(dependencies).replaceAll('\\u0000', '\\ufffd'), again ?? null],
      );
      await showWaiting(db, buildset, null);
      await notify(db, 'queue');
    },
    putOffDependencyRead: async (buildset, pause, reason) => {
      await db.query(
        `update buildsets set dependencies_after = now() + make_interval(secs => $2::float / 1000) where id = $1 and state = 'open'`,
        [buildset, pause],
      );
      await showWaiting(db, buildset, reason.replaceAll('\0', '\ufffd'));
      await notify(db, 'status');
    },
    endUnstarted: (buildset, verdict, job) => endUnstarted(db, buildset, verdict, job),
  };
}

async function claimDependencyReads(db: Queryable, limit: number): Promise<readonly DependencyRead[]> {
  const { rows } = await db.query<TestedColumns & { id: string; dependencies_tries: number; jobs: readonly string[] }>(
    `update buildsets s set dependencies_tries = s.dependencies_tries + 1, dependencies_after = now() + interval '1 minute'
     where s.id in (
       select id from buildsets s where state = 'open' and dependencies_after <= now() and (dependencies is null or not ${hasStarted})
       order by dependencies is not null, priority desc, created_at limit $1 for update skip locked)
     returning s.id, s.dependencies_tries, array(select distinct job from builds where buildset = s.id) as jobs, ${patchsetColumns}`,
    [limit],
  );
  return rows.map((row) => ({
    buildset: row.id,
    tested: toTested(row),
    jobs: row.jobs,
    tries: row.dependencies_tries,
  }));
}

/** Of builds that wait for the dependencies and nothing else yet. */
async function showWaiting(db: Queryable, buildset: string, reason: string | null): Promise<void> {
  await db.query(
    `update builds b set waiting_for = $2 from buildsets s
     where s.id = $1 and b.buildset = $1 and b.state = 'queued' and ($2::text is null or s.dependencies is null)`,
    [buildset, reason],
  );
}

/**
 * A build that is admitted at this moment holds its row: afterwards it has started. The buildset first, as who aborts it does: they would
 * wait for each other.
 */
async function holdBuilds(db: Queryable, buildset: string): Promise<void> {
  await db.query(`select from buildsets where id = $1 for no key update`, [buildset]);
  await db.query(`select from builds where buildset = $1 order by id for no key update`, [buildset]);
}

async function endUnstarted(
  db: Queryable,
  buildset: string,
  verdict: Verdict,
  job: string | undefined,
): Promise<readonly string[]> {
  await holdBuilds(db, buildset);
  const { rows } = await db.query<{ log_path: string }>(
    `with ended as (
       update builds b set state = 'done', result = $2, reason = $3, error_code = $4, cause = $5, ended_at = now(), waiting_for = null
       from buildsets s where s.id = $1 and b.buildset = s.id and ($6::text is null or b.job = $6) and b.state = 'queued' and s.state = 'open' and not ${hasStarted} returning b.id, b.log_path),
     history as (insert into build_history (build, step) select id, 'done' from ended)
     select log_path from ended`,
    [
      buildset,
      verdict.result,
      verdict.reason.replaceAll('\0', '\ufffd'),
      verdict.errorCode ?? null,
      causeColumn(verdict),
      job ?? null,
    ],
  );
  await notify(db, 'status');
  return rows.map((row) => row.log_path);
}

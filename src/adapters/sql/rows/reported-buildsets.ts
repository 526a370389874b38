import type { ReportedBuildset } from '../../../ports/report-store.ts';
import { toTimestamp } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { patchsetColumns, toPatchset } from './buildset-rows.ts';
import type { PatchsetColumns } from './buildset-rows.ts';

type Columns = PatchsetColumns & { pipeline: string; intended_at: Date; builds: ReportedBuildset['builds'] };

export async function reportedBuildsets(
  db: Queryable,
  { connection, limit, since }: { readonly connection: string; readonly since: number; readonly limit: number },
): Promise<readonly ReportedBuildset[]> {
  const { rows } = await db.query<Columns>(
    `with newest as (
       select distinct on (s.change_number, s.patchset, s.pipeline) s.id, r.intended_at
       from reports r join buildsets s on s.id = r.buildset
       where s.connection = $1 and r.intended_at >= $2
       order by s.change_number, s.patchset, s.pipeline, r.intended_at desc)
     select ${patchsetColumns}, s.pipeline, n.intended_at,
       (select json_agg(json_build_object('job', b.job, 'result', b.result, 'reason', coalesce(b.reason, ''), 'logPath', b.log_path) order by b.job)
        from (select distinct on (job) * from builds where buildset = s.id order by job, attempt desc) b
        where b.result is not null) as builds
     from newest n join buildsets s on s.id = n.id order by n.intended_at desc limit $3`,
    [connection, toTimestamp(since), limit],
  );
  return rows.map((row) => ({
    patchset: toPatchset(row),
    pipeline: row.pipeline,
    reportedAt: row.intended_at.getTime(),
    builds: row.builds ?? [],
  }));
}

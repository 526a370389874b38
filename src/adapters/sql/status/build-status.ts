import { workerPrefix } from '../../../domain/slot.ts';
import type { Queryable } from '../connect.ts';
import { optional } from '../connect.ts';
import type { BuildFilter, BuildRow } from '../../../ports/status.ts';
import { patchsetColumns, toTested } from '../rows/buildset-rows.ts';
import type { TestedColumns } from '../rows/buildset-rows.ts';
import { toCause, toTestCounts } from '../rows/verdict-columns.ts';
import type { VerdictColumns } from '../rows/verdict-columns.ts';

type BuildColumns = TestedColumns &
  VerdictColumns & {
    id: string;
    buildset: string;
    pipeline: string;
    job: string;
    attempt: number;
    state: BuildRow['state'];
    step: BuildRow['step'] | null;
    phase: string | null;
    step_since: Date | null;
    queued_at: Date;
    started_at: Date | null;
    ended_at: Date | null;
    waiting_for: string | null;
    server_name: string | null;
    server_address: string | null;
    backend: string | null;
    prefix: string | null;
    generation: number | null;
    log_path: string;
  };

/** Build rows as the pages show them; `where` and what follows it may use b (builds), s (buildsets) and v (servers). */
export async function selectBuilds(
  db: Queryable,
  where: string,
  values: readonly unknown[],
): Promise<readonly (BuildRow & { buildset: string })[]> {
  const { rows } = await db.query<BuildColumns>(
    `select ${patchsetColumns}, s.pipeline, b.id, b.buildset, b.job, b.attempt, b.state, b.step, b.phase, b.step_since, b.queued_at, b.started_at, b.ended_at,
       b.waiting_for, v.name as server_name, v.address as server_address, b.backend, b.prefix, b.generation, b.result, b.reason, b.error_code,
       b.passed, b.failed, b.skipped, b.failed_tests, b.cause - 'lines' as cause, b.log_path
     from builds b join buildsets s on s.id = b.buildset left join servers v on v.id = b.server where ${where}`,
    values,
  );
  return rows.map(toBuildRow);
}

export function filteredBuilds(db: Queryable, filter: BuildFilter): Promise<readonly BuildRow[]> {
  return selectBuilds(
    db,
    `($1::integer is null or s.change_number = $1) and ($2::text is null or s.project = $2) and ($3::text is null or b.job = $3)
       and ($4::text is null or b.result = $4) and ($5::text is null or b.state = $5) and ($6::text is null or s.pipeline = $6)
       and ($7::text is null or s.branch = $7) and ($8::timestamptz is null or b.queued_at >= $8) and ($9::timestamptz is null or b.queued_at < $9)
       and (not $10 or b.logs_expired_at is null) order by b.queued_at desc, b.id limit $11`,
    [
      filter.change ?? null,
      filter.project ?? null,
      filter.job ?? null,
      filter.result ?? null,
      filter.state ?? null,
      filter.pipeline ?? null,
      filter.branch ?? null,
      filter.from ?? null,
      filter.before ?? null,
      filter.logged ?? false,
      filter.limit,
    ],
  );
}

function toBuildRow(row: BuildColumns): BuildRow & { buildset: string } {
  return {
    id: row.id,
    buildset: row.buildset,
    tested: toTested(row),
    pipeline: row.pipeline,
    job: row.job,
    attempt: row.attempt,
    state: row.state,
    step: optional(row.step),
    phase: optional(row.phase),
    stepSince: row.step_since?.toISOString(),
    queuedAt: row.queued_at.toISOString(),
    startedAt: row.started_at?.toISOString(),
    endedAt: row.ended_at?.toISOString(),
    waitingFor: row.state === 'queued' ? (row.waiting_for ?? 'its turn') : undefined,
    server: optional(row.server_name),
    serverAddress: optional(row.server_address),
    backend: optional(row.backend),
    prefix: row.prefix === null ? undefined : workerPrefix({ prefix: row.prefix, generation: row.generation ?? 0 }),
    result: optional(row.result),
    reason: optional(row.reason),
    cause: toShownCause(row),
    tests: toTestCounts(row),
    logPath: row.log_path,
  };
}

function toShownCause(row: BuildColumns): BuildRow['cause'] {
  const { kind, signature } = toCause(row) ?? {};
  return kind && { kind, signature };
}

import type { Dependencies } from '../../../domain/dependencies.ts';
import type { Evidence } from '../../../domain/guard/evidence.ts';
import type { Proof } from '../../../domain/proof.ts';
import type { BuildDetail, ReportRow } from '../../../ports/status.ts';
import type { LogArchive } from '../../../ports/log-archive.ts';
import type { TestOutcome, TestResult } from '../../../domain/test-result.ts';
import type { EvidenceLine } from '../../../domain/verdict.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { signatureHits } from '../rows/signature-hit-rows.ts';
import { toVote } from '../rows/report-rows.ts';
import type { VoteColumns } from '../rows/report-rows.ts';
import { selectBuilds } from './build-status.ts';

/** Tests shown on one page. */
const maxTests = 5000;

/** Finds a build by id, or by the first digits of it when no other build has them. */
export async function findBuildId(db: Queryable, start: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{7}[0-9a-f-]{0,29}$/.test(start)) return undefined;
  const { rows } = await db.query<{ id: string }>(`select id from builds where id::text like $1 || '%' limit 2`, [
    start,
  ]);
  return rows.length === 1 ? rows[0]!.id : undefined;
}

export async function buildDetail(db: Queryable, archive: LogArchive, start: string): Promise<BuildDetail | undefined> {
  const id = await findBuildId(db, start);
  if (id === undefined) return undefined;
  const build = (await selectBuilds(db, 'b.id = $1', [id]))[0]!;
  const siblings = await selectBuilds(db, 'b.buildset = $1 and b.id <> $2 order by b.queued_at', [build.buildset, id]);
  const artifacts = await archive.list(build.logPath);
  return {
    ...build,
    dependencies: await dependencies(db, build.buildset),
    siblings,
    testResults: await testResults(db, id),
    report: await report(db, build.buildset),
    history: await history(db, id),
    ...(await ownColumns(db, id)),
    signatures: await signatureHits(db, id),
    artifacts: artifacts.map(({ path, size }) => ({
      path: path.startsWith(build.logPath) ? path.slice(build.logPath.length) : path,
      size,
    })),
  };
}

async function testResults(db: Queryable, build: string): Promise<readonly TestResult[]> {
  const { rows } = await db.query<{
    id: string;
    outcome: TestOutcome;
    duration: number | null;
    started_at: Date | null;
    tags: readonly string[];
    details: string;
  }>(
    `select id, outcome, duration, started_at, tags, details from test_results where build = $1 order by ordinal limit ${maxTests}`,
    [build],
  );
  return rows.map(({ duration, started_at: startedAt, ...row }) => ({
    ...row,
    duration: optional(duration),
    startedAt: startedAt?.getTime(),
  }));
}

async function history(db: Queryable, build: string): Promise<BuildDetail['history']> {
  const { rows } = await db.query<{ at: Date; step: string; phase: string | null }>(
    `select at, step, phase from build_history where build = $1 order by at limit 1000`,
    [build],
  );
  return rows.map((row) => ({ at: row.at.toISOString(), step: row.step, phase: optional(row.phase) }));
}

/** What only the page of one build shows of its row. */
async function ownColumns(
  db: Queryable,
  build: string,
): Promise<Pick<BuildDetail, 'evidence' | 'proof' | 'causeLines' | 'logsExpired'>> {
  const { rows } = await db.query<OwnColumns>(
    `select evidence, proof, cause -> 'lines' as lines, logs_expired_at as expired_at, logs_expired_for as expired_for from builds where id = $1`,
    [build],
  );
  const { evidence, proof, expired_at: at, expired_for: why, lines } = rows[0]!;
  return {
    evidence: optional(evidence),
    proof: optional(proof),
    causeLines: lines ?? [],
    logsExpired: at === null ? undefined : { at: at.toISOString(), why },
  };
}

interface OwnColumns {
  evidence: Evidence | null;
  proof: Proof | null;
  lines: readonly EvidenceLine[] | null;
  expired_at: Date | null;
  expired_for: 'age' | 'disk';
}

async function dependencies(db: Queryable, buildset: string): Promise<Dependencies | undefined> {
  const query = `select dependencies from buildsets where id = $1`;
  const { rows } = await db.query<{ dependencies: Dependencies | null }>(query, [buildset]);
  return optional(rows[0]?.dependencies ?? null);
}

interface ReportColumns extends VoteColumns {
  state: ReportRow['state'];
  message: string;
  outcome: string | null;
  posted_at: Date | null;
}

async function report(db: Queryable, buildset: string): Promise<ReportRow | undefined> {
  const { rows } = await db.query<ReportColumns>(
    `select state, message, label, value, outcome, posted_at from reports where buildset = $1`,
    [buildset],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    state: row.state,
    message: row.message,
    vote: toVote(row),
    outcome: optional(row.outcome),
    postedAt: row.posted_at?.toISOString(),
  };
}

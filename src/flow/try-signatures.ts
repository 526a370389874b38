import type { Cause } from '../domain/cause.ts';
import { explain } from '../domain/signatures/explain.ts';
import type { SignatureMatcher } from '../domain/signatures/match-log.ts';
import { troubleLog } from '../domain/signatures/signature.ts';
import type { SignatureHit } from '../domain/signatures/signature.ts';
import type { RunningBuild } from '../ports/build-store.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import { scanWhole } from './scan-log.ts';

/** What signatures find in a build that is over. */
export interface Tried {
  readonly hits: readonly SignatureHit[];
  /** As it was judged, and as it would be; undefined: it did not fail. */
  readonly was: Cause | undefined;
  readonly becomes: Cause | undefined;
  /** Id of the signature that names what it becomes. */
  readonly signature: string | undefined;
}

/** Tries signatures on the published logs of a build. Changes nothing. */
export async function trySignatures(
  archive: LogArchive,
  matcher: SignatureMatcher,
  { logPath, verdict }: Pick<RunningBuild, 'logPath' | 'verdict'>,
): Promise<Tried> {
  const hits = await hitsIn(archive, matcher, logPath);
  const cause = verdict?.cause;
  if (!cause) return { hits, was: undefined, becomes: undefined, signature: undefined };
  // What was told of the trouble became part of the reason.
  const trouble = matcher.open(troubleLog);
  trouble?.push(Buffer.from(verdict.reason));
  hits.push(...(trouble?.end() ?? []));
  const { failedTests, tests } = verdict;
  const unexplained = { cause: cause.otherwise, failedTests, failed: tests?.failed ?? 0 };
  const signature = explain(unexplained, hits, matcher.signatures);
  return { hits, was: cause.kind, becomes: signature?.cause ?? cause.otherwise, signature: signature?.id };
}

async function hitsIn(archive: LogArchive, matcher: SignatureMatcher, logPath: string): Promise<SignatureHit[]> {
  const hits: SignatureHit[] = [];
  for (const { path } of await archive.list(logPath)) {
    const log = matcher.open(path.startsWith(logPath) ? path.slice(logPath.length) : path);
    if (!log) continue;
    await scanWhole(archive, path, log);
    hits.push(...log.end());
  }
  return hits;
}

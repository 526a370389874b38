import type { LogMatcher } from '../domain/signatures/match-log.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import { logParts, plainParts } from '../shared/log-parts.ts';

/** Gives a matcher what the archive has of a log from `offset` on. Answers the offset behind it. */
export async function scanPlain(
  archive: LogArchive,
  path: string,
  offset: number,
  matcher: LogMatcher,
): Promise<number> {
  let at = offset;
  for await (const part of plainParts(archive, path, offset)) {
    at += part.length;
    matcher.push(part);
  }
  return at;
}

/** The whole log, expanded where its name ends in `.gz`; of a damaged one what comes before the damage. */
export async function scanWhole(archive: LogArchive, path: string, matcher: LogMatcher): Promise<void> {
  for await (const part of logParts(archive, path)) matcher.push(part);
}

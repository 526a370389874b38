import { setImmediate } from 'node:timers/promises';
import type { LogMatcher } from '../domain/signatures/match-log.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import { expandedParts, logParts, plainParts } from '../shared/log-parts.ts';

const sliceSize = 256 * 1024;

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

/** The same for a log at hand. */
export async function scanContent(name: string, content: Buffer, matcher: LogMatcher): Promise<void> {
  const slices = slicesOf(content);
  for await (const part of name.endsWith('.gz') ? expandedParts(slices) : slices) matcher.push(part);
}

/** Other work goes on between two slices. */
async function* slicesOf(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += sliceSize) {
    yield content.subarray(at, at + sliceSize);
    await setImmediate();
  }
}

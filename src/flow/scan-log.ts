import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { LogMatcher } from '../domain/signatures/match-log.ts';
import type { LogArchive } from '../ports/log-archive.ts';

const partSize = 256 * 1024;
/** Looked at of a compressed log, expanded: a few kilobytes may become terabytes. */
const maxExpanded = 256 * 1024 * 1024;

/** Gives a reader what the archive has of a log from `offset` on. Answers the offset behind it. */
export async function scanPlain(
  archive: LogArchive,
  path: string,
  offset: number,
  matcher: Pick<LogMatcher, 'push'>,
): Promise<number> {
  let at = offset;
  for (;;) {
    const part = await archive.read(path, at, partSize);
    if (part.length === 0) return at;
    at += part.length;
    matcher.push(part);
  }
}

/** The whole log, expanded where its name ends in `.gz`; of a damaged one what comes before the damage. */
export async function scanWhole(archive: LogArchive, path: string, matcher: LogMatcher): Promise<void> {
  if (!path.endsWith('.gz')) return void (await scanPlain(archive, path, 0, matcher));
  await scanPacked(partsOf(archive, path), matcher);
}

/** The same for a log at hand. */
export async function scanContent(name: string, content: Buffer, matcher: LogMatcher): Promise<void> {
  if (name.endsWith('.gz')) return await scanPacked(slicesOf(content), matcher);
  for await (const part of slicesOf(content)) matcher.push(part);
}

async function scanPacked(parts: AsyncIterable<Buffer>, matcher: LogMatcher): Promise<void> {
  const packed = Readable.from(parts);
  const expanded = packed.pipe(createGunzip());
  packed.on('error', (error) => expanded.destroy(error));
  let bytes = 0;
  try {
    for await (const part of expanded as AsyncIterable<Buffer>) {
      bytes += part.length;
      matcher.push(part);
      if (bytes > maxExpanded) break;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  } finally {
    packed.destroy();
  }
}

async function* partsOf(archive: LogArchive, path: string): AsyncGenerator<Buffer> {
  let offset = 0;
  for (;;) {
    const part = await archive.read(path, offset, partSize);
    if (part.length === 0) return;
    offset += part.length;
    yield part;
  }
}

/** Other work goes on between two slices. */
async function* slicesOf(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += partSize) {
    yield content.subarray(at, at + partSize);
    await setImmediate();
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
}

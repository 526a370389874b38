import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { LogArchive } from '../ports/log-archive.ts';

const usualSize = 256 * 1024;
/** Looked at of a compressed log, expanded: a few kilobytes may become terabytes. */
const maxExpanded = 256 * 1024 * 1024;

/** What the archive has of a log from `offset` on, as it is, in parts that keep other work waiting for no more than milliseconds. */
export async function* plainParts(
  archive: LogArchive,
  path: string,
  offset = 0,
  size = usualSize,
): AsyncGenerator<Buffer> {
  let at = offset;
  for (;;) {
    const part = await archive.read(path, at, size);
    if (part.length === 0) return;
    at += part.length;
    yield part;
  }
}

/** The whole log, expanded where its name ends in `.gz`; of a damaged one what comes before the damage. */
export async function* logParts(archive: LogArchive, path: string, size = usualSize): AsyncGenerator<Buffer> {
  const parts = plainParts(archive, path, 0, size);
  yield* path.endsWith('.gz') ? expandedParts(parts) : parts;
}

/** What a gzip file holds, up to where it is damaged. */
export async function* expandedParts(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const packed = Readable.from(parts);
  const expanded = packed.pipe(createGunzip({ chunkSize: usualSize }));
  packed.on('error', (error) => expanded.destroy(error));
  let bytes = 0;
  try {
    for await (const part of expanded as AsyncIterable<Buffer>) {
      bytes += part.length;
      yield part;
      if (bytes > maxExpanded) return;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  } finally {
    packed.destroy();
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
}

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { SidegateError } from '../domain/errors.ts';
import type { LogArchive } from '../ports/log-archive.ts';

const part = 1024 * 1024;

export interface ArchiveFile {
  readonly path: string;
  readonly size: number;
}

/** A file of the archive, a megabyte at a time. */
export function streamFile(archive: Pick<LogArchive, 'read'>, file: ArchiveFile): Readable {
  return Readable.from(readFile(archive, file), { objectMode: false });
}

/** In hex. MD5 is what both Swift and S3 check; it need not resist anybody. */
export async function md5Of(archive: Pick<LogArchive, 'read'>, file: ArchiveFile): Promise<string> {
  const hash = createHash('md5');
  for await (const bytes of readFile(archive, file)) hash.update(bytes);
  return hash.digest('hex');
}

async function* readFile(archive: Pick<LogArchive, 'read'>, { path, size }: ArchiveFile): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < size;) {
    const bytes = await archive.read(path, at, Math.min(part, size - at));
    if (bytes.length === 0) throw new SidegateError('log-gap', `${path} ends at ${at} of ${size} bytes`);
    at += bytes.length;
    yield bytes;
  }
}

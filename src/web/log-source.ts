import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { OpenFile } from './open-file.ts';

/** Of a file that is packed; artifacts are never that long. */
const maxUnpacked = 2 * 1024 * 1024 * 1024;

/** A log that is open. */
export interface LogSource {
  /** Bytes of the file itself. */
  readonly size: number;
  /** Which file it is: another one under the same name has another. */
  readonly identity: string;
  readonly modified: Date;
  /** Its text from an offset on. Of a packed file all before is unpacked too. */
  from(offset: number): AsyncIterable<Buffer>;
}

export function openLog(file: OpenFile, gzip: boolean): LogSource {
  const { identity, modified, size } = file;
  return {
    size,
    identity: `${identity}${gzip ? ` ${modified.getTime()} ${size}` : ''}`,
    modified,
    from: (offset) => (gzip ? unpacked(file, offset) : plain(file, offset)),
  };
}

/** Up to the size it had: a log that grows has another request. */
async function* plain(file: OpenFile, offset: number): AsyncGenerator<Buffer> {
  if (offset >= file.size) return;
  const content = await file.content(offset, file.size - 1);
  try {
    for await (const bytes of content) yield bytes as Buffer;
  } finally {
    content.destroy();
  }
}

/** A broken file ends where it is broken. */
async function* unpacked(file: OpenFile, offset: number): AsyncGenerator<Buffer> {
  const content = Readable.from(plain(file, 0));
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  content.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  let at = 0;
  try {
    for await (const bytes of gunzip as AsyncIterable<Buffer>) {
      const skipped = Math.max(0, Math.min(bytes.length, offset - at));
      at += bytes.length;
      if (skipped < bytes.length) yield bytes.subarray(skipped);
      if (at > maxUnpacked) return;
    }
  } catch {
    return;
  } finally {
    gunzip.destroy();
    content.destroy();
  }
}

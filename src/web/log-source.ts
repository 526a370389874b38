import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const part = 1024 * 1024;
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

export async function openLog(handle: FileHandle, gzip: boolean): Promise<LogSource> {
  const { dev, ino, mtime, size } = await handle.stat();
  return {
    size,
    identity: `${dev} ${ino}${gzip ? ` ${mtime.getTime()} ${size}` : ''}`,
    modified: mtime,
    from: (offset) => (gzip ? unpacked(handle, offset, size) : plain(handle, offset, size)),
  };
}

/** Up to the size it had: a log that grows has another request. */
async function* plain(handle: FileHandle, offset: number, size: number): AsyncGenerator<Buffer> {
  let at = offset;
  while (at < size) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(part, size - at)), { position: at });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A broken file ends where it is broken. */
async function* unpacked(handle: FileHandle, offset: number, size: number): AsyncGenerator<Buffer> {
  const content = Readable.from(plain(handle, 0, size));
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

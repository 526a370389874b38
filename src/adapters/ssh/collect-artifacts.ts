import type { Client } from 'ssh2';
import { extract } from 'tar-stream';
import type { Extract } from 'tar-stream';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { TakeArtifact } from '../../ports/remote-jobs.ts';
import { openChannel } from './connection.ts';
import { shellQuote } from './payload.ts';

type Entry = Extract extends AsyncIterable<infer One> ? One : never;

/** Artifacts larger than this are left out: they would have to fit into memory. */
const maxFile = 64 * 1024 * 1024;
/** Bytes read of one archive, headers and left-out files included. */
const maxArchive = 4 * 1024 * 1024 * 1024;

/** Streams the artifact folder as a tar archive. The archive comes from a hostile server: links and special files are left out. */
export async function collectArtifacts(client: Client, jobId: string, take: TakeArtifact): Promise<void> {
  const folder = `"$HOME"/.sidegate/${shellQuote(jobId)}/artifacts`;
  const channel = await openChannel(client, `cd ${folder} 2>/dev/null && exec tar -cf - . 2>/dev/null`);
  const archive = extract();
  let read = 0;
  channel.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > maxArchive) channel.destroy();
  });
  channel.stderr.resume();
  channel.on('close', () => archive.end(undefined));
  channel.on('error', (error: Error) => archive.destroy(error));
  channel.pipe(archive as unknown as NodeJS.WritableStream, { end: false });
  try {
    for await (const entry of archive) {
      if (!(await takeEntry(entry, take))) return;
    }
  } catch (error) {
    throw new SidegateError('ssh-unreachable', `the artifacts could not be read: ${errorText(error)}`, {
      cause: error,
    });
  } finally {
    channel.destroy();
  }
}

async function takeEntry(entry: Entry, take: TakeArtifact): Promise<boolean> {
  const path = entry.header.name.replace(/^(\.\/)+/, '');
  const size = entry.header.size ?? 0;
  if (entry.header.type !== 'file' || size > maxFile || !isSafePath(path)) {
    entry.resume();
    return true;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of entry as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  return take(path, Buffer.concat(chunks));
}

/** Relative, printable, no `..`, no hidden or empty part. */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.length > 400) return false;
  return path.split('/').every((part) => /^[\w+@=,~%-][\w.+@=,~%-]*$/.test(part));
}

import type { Client, ClientChannel } from 'ssh2';
import { extract } from 'tar-stream';
import type { Extract } from 'tar-stream';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { TakeArtifact, WantedArtifacts } from '../../ports/remote-jobs.ts';
import { openChannel } from './connection.ts';
import { shellQuote } from './payload.ts';

type Entry = Extract extends AsyncIterable<infer One> ? One : never;

/** Artifacts larger than this are left out: they would have to fit into memory. */
const maxFile = 64 * 1024 * 1024;
/** Bytes read of one archive, headers and left-out files included. */
const maxArchive = 4 * 1024 * 1024 * 1024;
/** Bytes of names of what the server left out. */
const maxNames = 16 * 1024;
const maxLeftOut = 200;
/** A server that stalls in the middle must not hold the build (ms). */
const maxTime = 15 * 60_000;

/**
 * Streams the artifact folder as a tar archive. The server picks out the plain files, so that a huge one does not have to come first;
 * as the server may be hostile, what comes is looked at again.
 */
export async function collectArtifacts(
  client: Client,
  wanted: WantedArtifacts,
  take: TakeArtifact,
): Promise<readonly string[]> {
  const channel = await openChannel(client, collectCommand(wanted.jobId, wanted.first.filter(isSafePath)));
  const collection = new Collection(channel, take);
  try {
    return await collection.run();
  } catch (error) {
    if (collection.taking) throw error;
    throw new SidegateError('ssh-unreachable', `the artifacts could not be read: ${errorText(error)}`, {
      cause: error,
    });
  } finally {
    channel.destroy();
  }
}

function collectCommand(jobId: string, first: readonly string[]): string {
  const plain = `-type f -size -${maxFile + 1}c`;
  const names = first.map((name) => shellQuote(`./${name}`));
  const begin = names.map((name) => `find ${name} ${plain} -print0;`).join(' ');
  const list = `{ ${begin} find . ${plain} ${names.map((name) => `! -path ${name}`).join(' ')} -print0; }`;
  return [
    `cd "$HOME"/.sidegate/${shellQuote(jobId)}/artifacts 2>/dev/null || exit 0`,
    `[ -n "$(ls -A)" ] || exit 0`,
    `find . ! -type d ! '(' ${plain} ')' -print 2>/dev/null | head -c ${maxNames} >&2`,
    `${list} 2>/dev/null | tar --null --no-recursion --hard-dereference -T - -cf - 2>/dev/null`,
  ].join('\n');
}

/** One archive on its way. */
class Collection {
  /** True while an artifact is being handed over: an error is then not the server's. */
  taking = false;
  readonly #channel: ClientChannel;
  readonly #take: TakeArtifact;
  readonly #archive = extract();
  readonly #leftOut: string[] = [];
  #names = '';
  #complete = false;

  constructor(channel: ClientChannel, take: TakeArtifact) {
    this.#channel = channel;
    this.#take = take;
  }

  async run(): Promise<readonly string[]> {
    const timer = setTimeout(() => this.#archive.destroy(new Error('it takes too long')), maxTime);
    try {
      this.#connect();
      for await (const entry of this.#archive) {
        if (!(await this.#takeEntry(entry))) return this.#allLeftOut();
      }
      // A connection that breaks between two files would otherwise look like the end.
      if (!this.#complete) throw new Error('the connection broke');
      return this.#allLeftOut();
    } finally {
      clearTimeout(timer);
    }
  }

  #connect(): void {
    const channel = this.#channel;
    let read = 0;
    channel.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > maxArchive) this.#archive.destroy(new Error(`there are more than ${maxArchive} bytes`));
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      if (this.#names.length < maxNames) this.#names += chunk.toString('utf8');
    });
    // Not `exit`: that may have come before anybody listens.
    channel.on('close', (status?: number | null) => {
      this.#complete = typeof status === 'number';
      this.#archive.end(undefined);
    });
    channel.on('error', (error: Error) => this.#archive.destroy(error));
    channel.pipe(this.#archive as unknown as NodeJS.WritableStream, { end: false });
  }

  async #takeEntry(entry: Entry): Promise<boolean> {
    const path = entry.header.name.replace(/^(\.\/)+/, '');
    const isSafe = entry.header.type === 'file' && (entry.header.size ?? 0) <= maxFile && isSafePath(path);
    if (!isSafe) {
      if (this.#leftOut.length < maxLeftOut) this.#leftOut.push(path);
      entry.resume();
      return true;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of entry as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
    this.taking = true;
    const more = await this.#take(path, Buffer.concat(chunks));
    this.taking = false;
    return more;
  }

  #allLeftOut(): readonly string[] {
    const names = this.#names.slice(0, maxNames).split('\n');
    const byServer = names.map((name) => name.replace(/^\.\//, '')).filter((name) => name !== '');
    return [...byServer, ...this.#leftOut].slice(0, maxLeftOut);
  }
}

/** Relative, printable, no `..`, no hidden or empty part. */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.length > 400) return false;
  return path.split('/').every((part) => /^[\w+@=,~%-][\w.+@=,~%-]*$/.test(part));
}

import type { PassThrough } from 'node:stream';
import type { Client } from 'ssh2';
import { extract } from 'tar-stream';
import type { Extract } from 'tar-stream';
import { chooseArtifacts, maxArtifactSize } from '../../domain/artifacts.ts';
import type { ChosenFile } from '../../domain/artifacts.ts';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { CutFile, TakeArtifact, WantedArtifacts } from '../../ports/remote-jobs.ts';
import { asRoot, findCommand, inArtifacts, maxListing, parseFound } from './find-files.ts';
import { shellQuote } from './payload.ts';
import { readOutput } from './read-output.ts';
import type { Budget } from './read-output.ts';

type Entry = Extract extends AsyncIterable<infer One> ? One : never;

/** Bytes read of one server, headers and left-out files included. */
const maxBytes = 4 * 1024 * 1024 * 1024;
const maxLeftOut = 200;
/** A server that stalls in the middle must not hold the build (ms). */
const maxTime = 15 * 60_000;
/** Longer than any private key, and than the lines people write. */
const scrubContext = 64 * 1024;
/** Exit status by which the server says that a file is no text. */
const noText = 3;

/**
 * Asks for the names first and sends for what is wanted of them as tar archives, so that a huge file does not have to come. As the server
 * may be hostile, what comes is looked at again: only what was asked for is taken.
 */
export async function collectArtifacts(
  client: Client,
  wanted: WantedArtifacts,
  take: TakeArtifact,
): Promise<readonly string[]> {
  const collection = new Collection(client, wanted, take);
  try {
    return await collection.run();
  } catch (error) {
    if (collection.taking) throw error;
    throw new SidegateError('ssh-unreachable', `the artifacts could not be read: ${errorText(error)}`, {
      cause: error,
    });
  }
}

class Collection {
  /** True while an artifact is being handed over: an error is then not the server's. */
  taking = false;
  readonly #client: Client;
  readonly #wanted: WantedArtifacts;
  readonly #take: TakeArtifact;
  readonly #budget: Budget = { until: Date.now() + maxTime, bytes: maxBytes };
  readonly #leftOut: string[] = [];
  #isFull = false;

  constructor(client: Client, wanted: WantedArtifacts, take: TakeArtifact) {
    this.#client = client;
    this.#wanted = wanted;
    this.#take = take;
  }

  async run(): Promise<readonly string[]> {
    const { choose = chooseAll, elsewhere = [], first, jobId } = this.#wanted;
    const { files, others } = parseFound(await this.#listing(findCommand(jobId, elsewhere)));
    this.#leaveOut(others);
    const results = first.flatMap((name) => files.filter(({ path, size }) => path === name && size <= maxArtifactSize));
    await this.#fetch(results.map((file) => ({ ...file, to: file.path, limit: maxArtifactSize })));
    if (!this.#isFull) await this.#fetch(choose(files.filter((file) => !results.includes(file))));
    return this.#leftOut;
  }

  async #listing(command: string): Promise<string> {
    let content: Buffer = Buffer.alloc(0);
    await readOutput(this.#client, { command, budget: this.#budget }, async (output) => {
      content = await contentOf(output, maxListing);
      return true;
    });
    if (content.length === maxListing) this.#leaveOut(['(names behind the first 16 MiB of names)']);
    return content.toString('utf8');
  }

  /** In order: those that come as they are together, the end of a long one by itself. */
  async #fetch(chosen: readonly ChosenFile[]): Promise<void> {
    let together: ChosenFile[] = [];
    for (const file of chosen) {
      const isOther = together[0] !== undefined && isElsewhere(together[0]) !== isElsewhere(file);
      const isLong = file.size > file.limit;
      if (isOther || isLong) {
        await this.#fetchWhole(together);
        together = [];
      }
      if (this.#isFull) return;
      if (!isSafePath(file.to)) this.#leaveOut([file.path]);
      else if (isLong) await this.#fetchEnd(file);
      else together.push(file);
    }
    await this.#fetchWhole(together);
  }

  async #fetchWhole(files: readonly ChosenFile[]): Promise<void> {
    const [sample] = files;
    if (sample === undefined || this.#isFull) return;
    const missing = new Map(files.map((file) => [file.path.replace(/^\//, ''), file]));
    const tar = 'tar --null --no-recursion --hard-dereference --ignore-failed-read';
    // Elsewhere it may be a link that a rule names.
    const command = isElsewhere(sample)
      ? `${asRoot}\n$S ${tar} --dereference -T - -cf -`
      : `${this.#there()}\n${tar} -T - -cf -`;
    const input = files.map(({ path }) => (isElsewhere(sample) ? `${path}\0` : `./${path}\0`)).join('');
    await readOutput(this.#client, { command, input, budget: this.#budget }, async (output) => {
      for await (const entry of unpack(output)) {
        await this.#takeEntry(entry, missing);
        if (this.#isFull) return false;
      }
      return true;
    });
    if (!this.#isFull) this.#leaveOut([...missing.values()].map(({ path }) => path));
  }

  async #takeEntry(entry: Entry, missing: Map<string, ChosenFile>): Promise<void> {
    const { size, type } = entry.header;
    const name = entry.header.name.replace(/^(?:\.?\/)+/, '');
    const file = missing.get(name);
    if (file === undefined) this.#leaveOut([name]);
    if (file === undefined || type !== 'file' || size > maxArtifactSize) return void entry.resume();
    missing.delete(name);
    await this.#hand(file, await contentOf(entry as unknown as AsyncIterable<Buffer>, size));
  }

  async #fetchEnd(file: ChosenFile): Promise<void> {
    const bytes = file.limit + scrubContext;
    const path = shellQuote(isElsewhere(file) ? file.path : `./${file.path}`);
    const command = [
      isElsewhere(file) ? asRoot : `S=; ${this.#there()}`,
      `begin() { $S head -c 1024 ${path}; }`,
      String.raw`[ "$(begin | wc -c)" -eq "$(begin | tr -d '\000' | wc -c)" ] || exit ${noText}`,
      `$S tail -c ${bytes} ${path}`,
    ].join('\n');
    let content: Buffer = Buffer.alloc(0);
    const status = await readOutput(this.#client, { command, budget: this.#budget }, async (output) => {
      content = await contentOf(output, bytes);
      return true;
    });
    if (status !== 0) return this.#leaveOut([file.path]);
    await this.#hand(file, content, { size: file.size, context: Math.max(0, content.length - file.limit) });
  }

  async #hand(file: ChosenFile, content: Buffer, cut?: CutFile): Promise<void> {
    this.taking = true;
    this.#isFull = !(await this.#take(file.to, content, cut));
    this.taking = false;
  }

  #there(): string {
    return `${inArtifacts(this.#wanted.jobId)} || exit 1`;
  }

  #leaveOut(names: readonly string[]): void {
    this.#leftOut.push(...names.slice(0, maxLeftOut - this.#leftOut.length));
  }
}

const chooseAll: WantedArtifacts['choose'] & {} = (found) => chooseArtifacts(found, [], false).chosen;

function isElsewhere({ path }: ChosenFile): boolean {
  return path.startsWith('/');
}

function unpack(output: PassThrough): AsyncIterable<Entry> {
  const archive = extract();
  output.on('error', (error) => archive.destroy(error));
  output.pipe(archive as unknown as NodeJS.WritableStream);
  return archive;
}

async function contentOf(parts: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const all: Buffer[] = [];
  let size = 0;
  for await (const part of parts) {
    size += part.length;
    if (size > limit) throw new Error('it is more than was asked for');
    all.push(part);
  }
  return Buffer.concat(all);
}

/** Relative, printable, no `..`, no hidden or empty part. */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.length > 400) return false;
  return path.split('/').every((part) => /^[\w+@=,~%-][\w.+@=,~%-]*$/.test(part));
}

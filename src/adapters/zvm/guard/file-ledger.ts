import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { SidegateError, errorText } from '../../../domain/errors.ts';
import type { GuardLedger, LedgerEntry } from '../../../ports/guard.ts';
import { parseLedger } from './parse-ledger.ts';
import type { LedgerLine } from './parse-ledger.ts';

type State = LedgerLine['state'];

const maxSize = 64 * 1024 * 1024;

/** Of a guard that runs by itself: one JSON line for each thing that happens, on the disk before Feilong is asked. */
export class FileLedger implements GuardLedger {
  readonly #file: FileHandle | undefined;
  readonly #states: Map<string, LedgerLine>;
  #isOver = false;
  #waiting = '';
  /** The write that takes what waits now, and the one before it. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle | undefined, lines: readonly LedgerLine[]) {
    this.#file = file;
    this.#states = new Map(lines.map((line) => [keyOf(line), line]));
  }

  /** Goes on with what is in the file; without a path nothing outlives the process. */
  static async open(path: string | undefined): Promise<FileLedger> {
    if (path === undefined) return new FileLedger(undefined, []);
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'a+', 0o600);
      return new FileLedger(file, await readLines(file, path));
    } catch (error) {
      await file?.close();
      if (error instanceof SidegateError) throw error;
      throw new SidegateError('options-invalid', `--ledger ${path}: ${errorText(error)}.`, { cause: error });
    }
  }

  async note({ kind, name, memory, disk }: LedgerEntry & { readonly memory: number; readonly disk: number }) {
    if (this.#isOver) throw new SidegateError('lease-over', name);
    await this.#append({ kind, name, state: 'intended' }, { memory, disk });
  }

  settle({ kind, name }: LedgerEntry, state: Exclude<State, 'intended'>): Promise<void> {
    return this.#append({ kind, name, state }, {});
  }

  isOver(): Promise<boolean> {
    return Promise.resolve(this.#isOver);
  }

  ownsImage(name: string): Promise<boolean> {
    const state = this.#states.get(keyOf({ kind: 'image', name }))?.state;
    return Promise.resolve(state !== undefined && isThere(state));
  }

  /** Nothing more may be made or changed. */
  end(): void {
    this.#isOver = true;
  }

  /** What was made, or may have been, and was not deleted. */
  left(): readonly LedgerEntry[] {
    return [...this.#states.values()].filter(({ state }) => isThere(state));
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#last);
    await this.#file?.close();
  }

  async #append(line: LedgerLine, more: object): Promise<void> {
    if (this.#file) {
      this.#waiting += `${JSON.stringify({ at: new Date().toISOString(), ...line, ...more })}\n`;
      // All that come while the disk writes are written together.
      this.#next ??= this.#writeAfter(this.#last, this.#file);
      await this.#next;
    }
    this.#states.set(keyOf(line), line);
  }

  async #writeAfter(last: Promise<void>, file: FileHandle): Promise<void> {
    await last;
    const text = this.#waiting;
    this.#waiting = '';
    const written = file.appendFile(text).then(() => file.datasync());
    // A line that did not fit on the disk must not spoil the next one.
    this.#last = written.catch(() => void (this.#waiting = `\n${this.#waiting}`));
    this.#next = undefined;
    await written;
  }
}

async function readLines(file: FileHandle, path: string): Promise<readonly LedgerLine[]> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new Error('it is no file');
  if (stat.size > maxSize) throw new Error(`it is larger than ${maxSize} bytes; begin a new one`);
  const lines = parseLedger(await file.readFile('utf8'), path);
  // Ends a line that a crash cut.
  if (stat.size > 0) await file.appendFile('\n');
  return lines;
}

function keyOf({ kind, name }: LedgerEntry): string {
  return `${kind} ${name}`;
}

function isThere(state: State): boolean {
  return state !== 'refused' && state !== 'deleted';
}

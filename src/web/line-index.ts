import { timeIn } from './log-lines.ts';
import type { LogSource } from './log-source.ts';

/** A place in the file is remembered for each so many lines. */
export const stride = 1000;
/** A time at the begin of a line fits into so many bytes. */
const timeLength = 40;
const remembered = 64;

export interface LinePlace {
  readonly line: number;
  readonly offset: number;
}

/** Where the lines of one file are: grows as the file is read, and with the file. */
export class LineIndex {
  /** Of line 1, 1001, 2001, … */
  readonly #offsets: number[] = [0];
  /** Of the same lines; NaN where there is none. */
  readonly #times: number[] = [Number.NaN];
  #read = 0;
  #ends = 0;
  #isAtEnd = false;
  /** The last line that was read has its end. */
  #isEnded = true;
  #reading: Promise<unknown> = Promise.resolve();

  /** Reads on until the line's place is known, the end, or the time (performance.now()) is over; false in that case. */
  async reach(line: number, source: LogSource, until: number): Promise<boolean> {
    const turn = this.#reading.then(() => this.#reach(line, source, until));
    this.#reading = turn.catch(() => undefined);
    return await turn;
  }

  async #reach(line: number, source: LogSource, until: number): Promise<boolean> {
    if (this.#knows(line)) return true;
    for await (const bytes of source.from(this.#read)) {
      this.#take(bytes, source.modified.getUTCFullYear());
      if (this.#knows(line)) return true;
      if (performance.now() > until) return false;
    }
    this.#isAtEnd = true;
    return true;
  }

  /** Lines so far; of all when the end was reached. */
  get lines(): number {
    return this.#ends + (this.#isEnded ? 0 : 1);
  }

  /** True when the file was read to its end, as it was then. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** The last place known that is not behind the line. */
  before(line: number): LinePlace {
    const at = Math.min(Math.floor((line - 1) / stride), this.#offsets.length - 1);
    return { line: at * stride + 1, offset: this.#offsets[at] ?? 0 };
  }

  /** The last place known whose time is before another. */
  beforeTime(time: number): LinePlace {
    const at = this.#times.findLastIndex((known) => known < time);
    return this.before(Math.max(0, at) * stride + 1);
  }

  /** The last place known that is not behind the byte. */
  beforeByte(byte: number): LinePlace {
    return this.before(
      Math.max(
        0,
        this.#offsets.findLastIndex((known) => known <= byte),
      ) *
        stride +
        1,
    );
  }

  #knows(line: number): boolean {
    return Math.floor((line - 1) / stride) < this.#offsets.length;
  }

  #take(bytes: Buffer, year: number): void {
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, end + 1)) {
      this.#ends += 1;
      if (this.#ends % stride !== 0) continue;
      this.#offsets.push(this.#read + end + 1);
      this.#times.push(timeIn(bytes.toString('latin1', end + 1, end + 1 + timeLength), year) ?? Number.NaN);
    }
    this.#read += bytes.length;
    this.#isEnded = bytes.at(-1) === 0x0a;
  }
}

/** Indexes of the files that were asked for last. */
export function createLineIndexes(): (path: string, source: LogSource) => LineIndex {
  const known = new Map<string, { identity: string; size: number; index: LineIndex }>();
  return (path, { identity, size }) => {
    const found = known.get(path);
    const isSame = found !== undefined && found.identity === identity && found.size <= size;
    const index = isSame ? found.index : new LineIndex();
    known.delete(path);
    known.set(path, { identity, size, index });
    const [oldest] = known.keys();
    if (known.size > remembered && oldest !== undefined) known.delete(oldest);
    return index;
  };
}

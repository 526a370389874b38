import { byteAtTime, timeOfByte } from '../domain/console-times.ts';
import type { ConsoleTime } from '../domain/console-times.ts';
import type { LineIndex } from './line-index.ts';
import { stride } from './line-index.ts';
import { LineCutter, headOf, severities } from './log-lines.ts';
import type { LineHead, LogLine, Severity } from './log-lines.ts';
import type { LogSource } from './log-source.ts';

/** Bytes of text on one page. */
const maxText = 1024 * 1024;
/** Lines that fit, on one page of those that are looked for. */
const maxFound = 500;
/** Bytes read for one page of them. */
const maxSearched = 64 * 1024 * 1024;

export interface LogFilter {
  /** This severity and above. */
  readonly level: Severity | undefined;
  /** The line holds it. */
  readonly find: string | undefined;
}

export interface ShownLine extends LogLine, LineHead {
  /** When it was written, by the times beside the log (ms since 1970). */
  readonly written: number | undefined;
}

/** A log that is read. */
export interface ReadLog {
  readonly source: LogSource;
  readonly index: LineIndex;
  /** Of its bytes; empty: there are none. */
  readonly times: readonly ConsoleTime[];
}

export interface LogPage {
  readonly lines: readonly ShownLine[];
  /** First line of the page, whether it is shown or not. */
  readonly first: number;
  /** Where the next page begins; undefined: the log ends here. */
  readonly next: number | undefined;
}

/** The page of a log that holds a line. */
export async function readPage(log: ReadLog, line: number): Promise<LogPage> {
  const all: Wanted = { goes: (_, taken) => taken < stride, fits: () => true };
  const page = await readFrom(log, line - ((line - 1) % stride), all);
  // Lines so long that the page ends before the one that was asked for.
  const isShort = page.next !== undefined && page.next <= line;
  return isShort ? await readFrom(log, line, all) : page;
}

/** Lines from one on that fit, as many as a page takes or could be looked through. */
export async function findLines(log: ReadLog, line: number, filter: LogFilter): Promise<LogPage> {
  const goes: Wanted['goes'] = (found, _, searched) => found < maxFound && searched < maxSearched;
  return await readFrom(log, line, { goes, fits: createFilter(filter) });
}

/** The first line from a time on; undefined: there is none. */
export async function findTime(log: ReadLog, time: number): Promise<number | undefined> {
  const { index, times } = log;
  if (times.length === 0) {
    const isLater = (shown: ShownLine) => shown.time !== undefined && shown.time >= time;
    return await firstFrom(log, index.beforeTime(time).line, isLater);
  }
  const byte = byteAtTime(times, time);
  return byte === undefined
    ? undefined
    : await firstFrom(log, index.beforeByte(byte).line, ({ offset }) => offset >= byte);
}

async function firstFrom(log: ReadLog, line: number, fits: Wanted['fits']): Promise<number | undefined> {
  const { lines } = await readFrom(log, line, { goes: (found) => found < 1, fits });
  return lines[0]?.number;
}

interface Wanted {
  /** Whether one more line is taken, by what was found, lines and bytes looked at. */
  readonly goes: (found: number, taken: number, searched: number) => boolean;
  readonly fits: (line: ShownLine) => boolean;
}

async function readFrom(log: ReadLog, first: number, wanted: Wanted): Promise<LogPage> {
  const { index, source } = log;
  const place = index.before(first);
  const cutter = new LineCutter(place.line, place.offset);
  const taker = new Taker(first, wanted, log);
  let isFull = false;
  for await (const bytes of source.from(place.offset)) {
    isFull = taker.take(cutter.push(bytes));
    if (isFull) break;
    if (cutter.next >= first) taker.searched += bytes.length;
    // A line without an end is not waited for.
    isFull = taker.searched > maxSearched;
    if (isFull) break;
  }
  if (isFull && taker.next !== undefined) return { lines: taker.shown, first, next: taker.next };
  const next = taker.take(cutter.end()) ? taker.next : cutter.next;
  return { lines: taker.shown, first, next: isFull || taker.next !== undefined ? next : undefined };
}

/** Collects the lines of one page. */
class Taker {
  readonly shown: ShownLine[] = [];
  searched = 0;
  /** The first line that has no room on the page. */
  next: number | undefined;
  readonly #first: number;
  readonly #wanted: Wanted;
  readonly #year: number;
  readonly #times: readonly ConsoleTime[];
  #taken = 0;
  #text = 0;

  constructor(first: number, wanted: Wanted, { source, times }: ReadLog) {
    this.#first = first;
    this.#wanted = wanted;
    this.#year = source.modified.getUTCFullYear();
    this.#times = times;
  }

  /** True when the page is full. */
  take(lines: readonly LogLine[]): boolean {
    for (const line of lines) {
      if (line.number < this.#first) continue;
      if (!this.#wanted.goes(this.shown.length, this.#taken, this.searched) || this.#text > maxText) {
        this.next = line.number;
        return true;
      }
      this.#add({ ...line, ...headOf(line.bytes, this.#year), written: timeOfByte(this.#times, line.offset) });
    }
    return false;
  }

  #add(line: ShownLine): void {
    this.#taken += 1;
    if (!this.#wanted.fits(line)) return;
    this.shown.push(line);
    this.#text += line.bytes.length;
  }
}

/** A line that says neither time nor severity goes on with the one before: a traceback has the severity of its error. */
function createFilter({ find, level }: LogFilter): (line: ShownLine) => boolean {
  const least = level === undefined ? 0 : severities.indexOf(level);
  let last: Severity | undefined;
  return (line) => {
    if (line.severity !== undefined || line.time !== undefined) last = line.severity;
    const rank = last === undefined ? -1 : severities.indexOf(last);
    if (level !== undefined && rank < least) return false;
    return find === undefined || line.bytes.includes(find);
  };
}

/* oxlint-disable no-control-regex -- colours may stand before a time */

/** Severities of oslo.log, the least one first. */
export const severities = ['TRACE', 'DEBUG', 'INFO', 'AUDIT', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];

/** One line of a log. What is longer than a page takes is cut. */
export interface LogLine {
  /** From 1. */
  readonly number: number;
  /** Byte of the log it begins with. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** Bytes that were cut off. */
  readonly cut: number;
}

/** Bytes shown of one line. */
const maxLine = 16 * 1024;
/** Of a line, where its time and severity are. */
const head = 240;

const colours = /\u001b\[[0-9;]{0,16}m/g;
const severity = /(?<![\w.])(TRACE|DEBUG|INFO|AUDIT|WARN(?:ING)?|ERROR|CRITICAL|FATAL)(?=[\s:\]|])/;
const iso = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3})\d{0,6})?(?:([+-]\d\d):?(\d\d))?/;
const syslog = /^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What a line says about itself. */
export interface LineHead {
  readonly severity: Severity | undefined;
  /** Milliseconds since 1970; taken as UTC where the line names no offset from it. */
  readonly time: number | undefined;
}

/** `year`: of a time that names none. */
export function headOf(bytes: Buffer, year: number): LineHead {
  const text = bytes.toString('latin1', 0, head).replaceAll(colours, '');
  return { severity: severityIn(text), time: timeIn(text, year) };
}

function severityIn(text: string): Severity | undefined {
  const found = severity.exec(text)?.[1];
  if (found === 'WARN') return 'WARNING';
  return found === 'FATAL' ? 'CRITICAL' : (found as Severity | undefined);
}

/** The time a text begins with. */
export function timeIn(text: string, year: number): number | undefined {
  const [found, ...parts] = iso.exec(text) ?? [];
  if (found !== undefined) return utc(parts);
  const [, month, ...rest] = syslog.exec(text) ?? [];
  return month === undefined ? undefined : utc([String(year), String(months.indexOf(month) + 1), ...rest]);
}

function utc([year, month = '', day = '', hours, minutes, seconds, ...rest]: (string | undefined)[]) {
  const [fraction = '', hoursAhead, minutesAhead] = rest;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const zone = hoursAhead === undefined ? 'Z' : `${hoursAhead}:${minutesAhead}`;
  const time = Date.parse(`${date}T${hours}:${minutes}:${seconds}.${fraction.padEnd(3, '0')}${zone}`);
  return Number.isNaN(time) ? undefined : time;
}

/** Cuts a stream of bytes into lines; what it keeps of an unended one is bounded. */
export class LineCutter {
  #number: number;
  #offset: number;
  #kept: Buffer[] = [];
  #length = 0;

  constructor(firstLine: number, offset: number) {
    this.#number = firstLine;
    this.#offset = offset;
  }

  /** Number of the line that comes next. */
  get next(): number {
    return this.#number;
  }

  /** The lines that ended. */
  push(bytes: Buffer): LogLine[] {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      lines.push(this.#ended(bytes.subarray(start, end)));
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What is behind the last line end. */
  end(): LogLine[] {
    return this.#length === 0 ? [] : [this.#ended(Buffer.alloc(0))];
  }

  #keep(bytes: Buffer): void {
    const room = maxLine - Math.min(this.#length, maxLine);
    if (room > 0 && bytes.length > 0) this.#kept.push(Buffer.from(bytes.subarray(0, room)));
    this.#length += bytes.length;
  }

  #ended(rest: Buffer): LogLine {
    const length = this.#length + rest.length;
    const whole = this.#length === 0 ? rest : Buffer.concat([...this.#kept, rest.subarray(0, maxLine)]);
    this.#kept = [];
    this.#length = 0;
    const bytes = whole.subarray(0, maxLine);
    const offset = this.#offset;
    this.#offset += length + 1;
    return { number: this.#number++, offset, bytes, cut: length - bytes.length };
  }
}

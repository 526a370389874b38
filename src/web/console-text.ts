import { html, raw } from 'hono/html';
import { visibleLines } from './text.ts';
import type { Html } from './text.ts';

/** Bytes of a console a page shows. */
export const consoleShown = 500_000;

const escape = '\u001b';
const bell = '\u0007';
const longestEscape = 256;
const pieceSize = 32_000;

/**
 * How many of the bytes can be shown now: they end neither inside a character, nor inside an escape sequence, nor between CR and LF.
 * What is left comes with the next part.
 */
export function completeLength(bytes: Buffer): number {
  let end = characterEnd(bytes);
  if (bytes[end - 1] === 0x0d) end -= 1;
  const start = bytes.lastIndexOf(escape, end - 1);
  if (start < 0 || end - start > longestEscape) return end;
  return isWholeEscape(bytes.toString('latin1', start, end)) ? end : start;
}

function characterEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return back < utf8Length(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function utf8Length(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}

function isWholeEscape(text: string): boolean {
  const second = text[1];
  if (second === undefined) return false;
  if (second === '[') return /^.\[[0-?]*[ -/]*[@-~]/s.test(text);
  return ']PX^_'.includes(second) ? text.includes(bell) : true;
}

/** Markup of a part of a console: colours become classes, every other terminal command is dropped, all else is plain text. */
export function consoleHtml(text: string): Html {
  const pieces: Html[] = [];
  let style = '';
  for (const run of colourRuns(text)) {
    style = run.style ?? style;
    pieces.push(style === '' ? html`${run.text}` : html`<span class="${style}">${run.text}</span>`);
  }
  return html`${pieces}`;
}

/** The same for many bytes, in spans that `app.js` can drop one by one. */
export function consoleChunks(bytes: Buffer): Html {
  const text = bytes.toString('utf8');
  const chunks: Html[] = [];
  for (let at = 0; at < text.length;) {
    const lineEnd = text.lastIndexOf('\n', at + pieceSize) + 1;
    const end = at + pieceSize >= text.length ? text.length : Math.max(lineEnd, at + pieceSize / 2);
    chunks.push(html`<span class="part">${consoleHtml(text.slice(at, end))}</span>`);
    at = end;
  }
  return html`${chunks}`;
}

/** Without the bytes before the first line end, where a part was cut out of the middle. */
export function fromNextLine(bytes: Buffer): Buffer {
  const lineEnd = bytes.subarray(0, 4096).indexOf(0x0a);
  return lineEnd < 0 ? bytes : bytes.subarray(lineEnd + 1);
}

export const skippedMark = raw('<span class="part cut">… earlier output is in the file …\n</span>');

interface ColourRun {
  /** undefined: as before. */
  readonly style: string | undefined;
  readonly text: string;
}

function* colourRuns(text: string): Generator<ColourRun> {
  const [first = '', ...rest] = text.split(escape);
  yield { style: undefined, text: plain(first) };
  for (const [index, part] of rest.entries()) {
    const next = rest[index + 1];
    yield afterEscape(part, next);
  }
}

function afterEscape(part: string, next: string | undefined): ColourRun {
  const command = /^\[([0-?]*)[ -/]*([@-~])/.exec(part);
  if (command !== null) {
    const [whole, numbers = '', letter] = command;
    return { style: letter === 'm' ? styleOf(numbers) : undefined, text: plain(part.slice(whole.length)) };
  }
  if (/^[\]PX^_]/.test(part)) return { style: undefined, text: plain(afterString(part, next)) };
  return { style: undefined, text: plain(part.slice(1)) };
}

/** A string command (title, link, …) ends with BEL, or with the escape that comes next. */
function afterString(part: string, next: string | undefined): string {
  const end = part.indexOf(bell);
  if (end >= 0) return part.slice(end + 1);
  return next?.startsWith('\\') ? '' : part.slice(1);
}

function styleOf(numbers: string): string {
  const names: string[] = [];
  for (const number of numbers.split(';').slice(0, 8)) {
    const value = Number(number);
    if (value === 1) names.push('bold');
    if (value === 2) names.push('dim');
    if (value >= 30 && value <= 37) names.push(`c${value - 30}`);
    if (value >= 90 && value <= 97) names.push(`c${value - 90}`);
    if (value === 38 || value === 48) break;
  }
  return names.join(' ');
}

/** A lone CR is what a progress bar writes: every state becomes a line. */
function plain(text: string): string {
  return visibleLines(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replaceAll('\b', ''));
}

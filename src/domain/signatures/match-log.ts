import { globMatches } from '../glob.ts';
import { oneLine } from '../sanitize.ts';
import { PatternSet } from './pattern-set.ts';
import type { LogLine, Signature, SignatureHit } from './signature.ts';

/** Kept of one pattern, and of one signature in one log. */
const linesOfPattern = 3;
const linesOfHit = 6;
const longestText = 300;
/** Of a line, from its start; what is shown lies within it. */
const keptBytes = 4096;

const lineFeed = 10;
const carriageReturn = 13;

/** Looks for signatures in one log, part by part. The same bytes lead to the same hits, however they are cut into parts. */
export interface LogMatcher {
  push(part: Uint8Array): void;
  /** What was found up to now; a line without its end counts only after `end`. */
  hits(): readonly SignatureHit[];
  /** How many of the signatures were found. */
  readonly found: number;
  end(): readonly SignatureHit[];
}

/** Makes matchers; what the logs of one kind have in common is worked out once. */
export class SignatureMatcher {
  readonly signatures: readonly Signature[];
  readonly #searches = new Map<string, Search>();

  constructor(signatures: readonly Signature[]) {
    this.signatures = signatures;
  }

  /** Undefined when no signature is looked for in a log of that name. */
  open(log: string): LogMatcher | undefined {
    const name = log.replace(/\.gz$/, '');
    const wanted = this.signatures.filter(({ logs }) => logs.some((pattern) => globMatches(pattern, name)));
    if (wanted.length === 0) return undefined;
    const key = wanted.map(({ id }) => id).join(' ');
    const search = this.#searches.get(key) ?? createSearch(wanted);
    this.#searches.set(key, search);
    return new Matching(log, search);
  }
}

interface Search {
  readonly signatures: readonly Signature[];
  readonly patterns: PatternSet;
  /** Numbers of the patterns of each signature. */
  readonly numbers: readonly { readonly all: readonly number[]; readonly any: readonly number[] }[];
}

function createSearch(signatures: readonly Signature[]): Search {
  const patterns = signatures.flatMap(({ all, any }) => [...all, ...any]);
  let next = 0;
  const numbers = signatures.map(({ all, any }) => ({
    all: all.map(() => next++),
    any: any.map(() => next++),
  }));
  return { signatures, patterns: new PatternSet(patterns.map(({ node }) => node)), numbers };
}

class Matching implements LogMatcher {
  readonly #log: string;
  readonly #search: Search;
  readonly #lines = new Map<number, LogLine[]>();
  #suspended: readonly number[] | undefined;
  #line = 1;
  /** Start of the line that is not over yet, as far as it came in earlier parts. */
  #kept: Uint8Array = new Uint8Array(0);
  #length = 0;
  /** Patterns found in it, and the offset in the line behind the first place. */
  readonly #matched = new Map<number, number>();

  constructor(log: string, search: Search) {
    this.#log = log;
    this.#search = search;
  }

  push(part: Uint8Array): void {
    const { patterns } = this.#search;
    let state = this.#suspended === undefined ? patterns.begin() : patterns.resume(this.#suspended);
    let from = 0;
    while (from < part.length) {
      const to = endOfLine(part, from);
      const start = from - this.#length;
      state = patterns.run(state, part, { from, to }, (pattern, end) => this.#note(pattern, end - start));
      if (to === part.length) {
        this.#keep(part.subarray(from));
        break;
      }
      this.#endLine(patterns.end(state), part.subarray(from, to));
      if (part[to] === lineFeed) this.#line += 1;
      state = patterns.begin();
      from = to + 1;
    }
    this.#suspended = patterns.suspend(state);
  }

  get found(): number {
    return this.#search.signatures.filter((_, index) => this.#isFound(index)).length;
  }

  hits(): readonly SignatureHit[] {
    return this.#search.signatures.flatMap(({ id }, index) => {
      if (!this.#isFound(index)) return [];
      const { all, any } = this.#search.numbers[index]!;
      const byLine = new Map(
        [...all, ...any].flatMap((one) => this.#lines.get(one) ?? []).map((one) => [one.line, one]),
      );
      const lines = [...byLine.values()].toSorted((one, other) => one.line - other.line).slice(0, linesOfHit);
      return [{ signature: id, log: this.#log, lines }];
    });
  }

  end(): readonly SignatureHit[] {
    if (this.#suspended !== undefined) {
      const { patterns } = this.#search;
      this.#endLine(patterns.end(patterns.resume(this.#suspended)), new Uint8Array(0));
      this.#suspended = undefined;
    }
    return this.hits();
  }

  #isFound(index: number): boolean {
    const { all, any } = this.#search.numbers[index]!;
    return all.every((one) => this.#lines.has(one)) && (any.length === 0 || any.some((one) => this.#lines.has(one)));
  }

  #note(pattern: number, end: number): void {
    if (!this.#matched.has(pattern)) this.#matched.set(pattern, end);
  }

  #keep(rest: Uint8Array): void {
    const room = keptBytes - this.#kept.length;
    if (room > 0 && rest.length > 0) this.#kept = Buffer.concat([this.#kept, rest.subarray(0, room)]);
    this.#length += rest.length;
  }

  #endLine(atEnd: readonly number[], rest: Uint8Array): void {
    this.#length += rest.length;
    for (const pattern of atEnd) this.#note(pattern, this.#length);
    for (const [pattern, end] of this.#matched) {
      const lines = this.#lines.get(pattern) ?? [];
      if (lines.length < linesOfPattern) lines.push({ line: this.#line, text: textAround(this.#kept, rest, end) });
      this.#lines.set(pattern, lines);
    }
    this.#matched.clear();
    this.#kept = new Uint8Array(0);
    this.#length = 0;
  }
}

/** A carriage return ends what a terminal shows as one line, but counts as none. */
function endOfLine(part: Uint8Array, from: number): number {
  for (let at = from; at < part.length; at += 1) if (part[at] === lineFeed || part[at] === carriageReturn) return at;
  return part.length;
}

/** The line as far as it was kept; of a long one what lies around the place. */
function textAround(kept: Uint8Array, rest: Uint8Array, end: number): string {
  const line = Buffer.concat([kept, rest.subarray(0, Math.max(0, keptBytes - kept.length))]);
  const from = end <= longestText ? 0 : Math.max(0, Math.min(end - longestText / 2, line.length - longestText));
  const shown = line.subarray(from, from + longestText * 4).toString();
  return oneLine(from > 0 ? `…${shown}` : shown, longestText);
}

/** A pattern as a tree. Bytes, not characters: what is beyond ASCII is a sequence of UTF-8 bytes. */
export type PatternNode =
  | { readonly kind: 'bytes'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  /** `max` undefined: any number. */
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number | undefined }
  | { readonly kind: 'line-start' }
  | { readonly kind: 'line-end' };

/** 256 entries: 1 for each byte in the set. */
export type ByteSet = Uint8Array;

export type ParsedPattern =
  | { readonly ok: true; readonly node: PatternNode }
  | { readonly ok: false; readonly what: string };

const longestPattern = 500;
const mostRepeats = 100;

/**
 * The regular expressions that take linear time: literals, `.`, classes, groups, `|`, `* + ? {n,m}`, `^`, `$`, `\d \w \s`, and `(?i)` at the
 * start. What needs backtracking (back references, looking around) is refused.
 */
export function parsePattern(text: string): ParsedPattern {
  if (text.length > longestPattern) return { ok: false, what: `is longer than ${longestPattern} characters` };
  const ignoreCase = text.startsWith('(?i)');
  try {
    const node = new PatternParser(ignoreCase ? text.slice(4) : text, ignoreCase).parse();
    return matchesEmpty(node) ? { ok: false, what: 'matches every line' } : { ok: true, node };
  } catch (error) {
    if (error instanceof PatternMistake) return { ok: false, what: error.message };
    throw error;
  }
}

class PatternMistake extends Error {}

/** Also true of what consists of `^` and `$` only. */
function matchesEmpty(node: PatternNode): boolean {
  switch (node.kind) {
    case 'bytes':
      return false;
    case 'sequence':
      return node.parts.every(matchesEmpty);
    case 'choice':
      return node.options.some(matchesEmpty);
    case 'repeat':
      return node.min === 0 || matchesEmpty(node.node);
    case 'line-start':
    case 'line-end':
      return true;
  }
}

/** Recursive descent; the length of a pattern bounds its depth. */
class PatternParser {
  readonly #characters: readonly string[];
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(text: string, ignoreCase: boolean) {
    this.#characters = Array.from(text);
    this.#ignoreCase = ignoreCase;
  }

  parse(): PatternNode {
    const node = this.#choice();
    if (this.#peek() !== undefined) throw new PatternMistake('has a `)` without its `(`');
    return node;
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #next(what: string): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new PatternMistake(`ends in the middle of ${what}`);
    return character;
  }

  #choice(): PatternNode {
    const options = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#at += 1;
      options.push(this.#sequence());
    }
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      parts.push(this.#repeated(this.#atom()));
    return { kind: 'sequence', parts };
  }

  #repeated(node: PatternNode): PatternNode {
    const bounds = this.#bounds();
    if (!bounds) return node;
    if (node.kind === 'line-start' || node.kind === 'line-end') throw new PatternMistake('repeats `^` or `$`');
    // Lazy or not makes no difference to whether a line matches.
    if (this.#peek() === '?') this.#at += 1;
    if (/^[*+?{]$/.test(this.#peek() ?? '')) throw new PatternMistake('has two repetitions in a row');
    return { kind: 'repeat', node, ...bounds };
  }

  #bounds(): { readonly min: number; readonly max: number | undefined } | undefined {
    const sign = this.#peek();
    if (sign === '*' || sign === '+' || sign === '?') {
      this.#at += 1;
      return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : undefined };
    }
    if (sign !== '{') return undefined;
    return this.#counted();
  }

  /** `{n}`, `{n,}`, `{n,m}`. */
  #counted(): { readonly min: number; readonly max: number | undefined } {
    const rest = this.#characters.slice(this.#at, this.#at + 12).join('');
    const found = /^\{(?<least>\d{1,4})(?<comma>,(?<most>\d{0,4}))?\}/.exec(rest);
    if (!found) throw new PatternMistake('has a `{` that is no repetition: write `\\{`');
    this.#at += found[0].length;
    const { least, comma, most } = found.groups ?? {};
    const min = Number(least);
    const max = comma === undefined ? min : most ? Number(most) : undefined;
    if (min > mostRepeats || (max ?? 0) > mostRepeats)
      throw new PatternMistake(`repeats more than ${mostRepeats} times`);
    if (max !== undefined && max < min) throw new PatternMistake('has a repetition that ends before it begins');
    return { min, max };
  }

  #atom(): PatternNode {
    const character = this.#next('a pattern');
    if (character === '(') return this.#group();
    if (character === '[') return { kind: 'bytes', set: this.#class() };
    if (character === '.') return { kind: 'bytes', set: anyByte() };
    if (character === '^') return { kind: 'line-start' };
    if (character === '$') return { kind: 'line-end' };
    if (character === '\\') return this.#escape();
    if (/^[*+?{]$/.test(character)) throw new PatternMistake(`has a \`${character}\` with nothing to repeat`);
    return this.#literal(character);
  }

  #group(): PatternNode {
    if (this.#peek() === '?') {
      this.#at += 1;
      if (this.#next('a group') !== ':')
        throw new PatternMistake(
          'has a group that starts with `(?`: only `(?:`, and `(?i)` at the start, are understood',
        );
    }
    const node = this.#choice();
    if (this.#peek() !== ')') throw new PatternMistake('has a `(` without its `)`');
    this.#at += 1;
    return node;
  }

  #escape(): PatternNode {
    const character = this.#next('an escape');
    const set = classOf(character);
    if (set) return { kind: 'bytes', set };
    return this.#literal(escaped(character));
  }

  #literal(character: string): PatternNode {
    const parts = [...new TextEncoder().encode(character)].map((byte): PatternNode => ({
      kind: 'bytes',
      set: this.#withCase(setOf(byte)),
    }));
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  #class(): ByteSet {
    const set = new Uint8Array(256);
    const isNegated = this.#peek() === '^';
    if (isNegated) this.#at += 1;
    let isFirst = true;
    for (;;) {
      const character = this.#next('a `[…]`');
      if (character === ']' && !isFirst) break;
      isFirst = false;
      this.#classPart(character, set);
    }
    const cased = this.#withCase(set);
    return isNegated ? without(cased) : cased;
  }

  /** Adds a character, a range, or a class such as `\d`. */
  #classPart(character: string, set: ByteSet): void {
    const named = character === '\\' ? classOf(this.#peek() ?? '') : undefined;
    if (named) {
      this.#at += 1;
      return named.forEach((has, byte) => (set[byte]! |= has));
    }
    const first = this.#classByte(character);
    const isRange = this.#peek() === '-' && this.#characters[this.#at + 1] !== ']';
    if (!isRange) return void (set[first] = 1);
    this.#at += 1;
    const last = this.#classByte(this.#next('a range'));
    if (last < first) throw new PatternMistake('has a range that ends before it begins');
    set.fill(1, first, last + 1);
  }

  #classByte(character: string): number {
    const one = character === '\\' ? escaped(this.#next('an escape')) : character;
    const code = one.codePointAt(0)!;
    if (code > 127) throw new PatternMistake('has something beyond ASCII in a `[…]`');
    return code;
  }

  #withCase(set: ByteSet): ByteSet {
    if (!this.#ignoreCase) return set;
    const both = set.slice();
    for (let upper = 65; upper <= 90; upper += 1) {
      const has = set[upper]! | set[upper + 32]!;
      both[upper] = has;
      both[upper + 32] = has;
    }
    return both;
  }
}

function escaped(character: string): string {
  if (character === 't') return '\t';
  if (/^[A-Za-z0-9]$/.test(character)) throw new PatternMistake(`has \`\\${character}\`, which is not understood`);
  return character;
}

function classOf(letter: string): ByteSet | undefined {
  const set = new Uint8Array(256);
  const kind = letter.toLowerCase();
  if (kind === 'd' || kind === 'w') set.fill(1, 48, 58);
  if (kind === 'w') {
    set.fill(1, 65, 91).fill(1, 97, 123);
    set[95] = 1;
  }
  if (kind === 's') for (const byte of [9, 10, 11, 12, 13, 32]) set[byte] = 1;
  if (kind !== 'd' && kind !== 'w' && kind !== 's') return undefined;
  return letter === kind ? set : without(set);
}

function setOf(byte: number): ByteSet {
  const set = new Uint8Array(256);
  set[byte] = 1;
  return set;
}

function without(set: ByteSet): ByteSet {
  return set.map((has) => 1 - has);
}

function anyByte(): ByteSet {
  return new Uint8Array(256).fill(1);
}

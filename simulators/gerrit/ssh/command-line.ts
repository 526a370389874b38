const segment = /\\([\s\S])|"((?:\\[\s\S]|[^"\\])*)(?:"|$)|'([^']*)(?:'|$)|([^ \t\\"']+)|([ \t]+)|([\s\S])/g;

/** Splits as Gerrit does: one level of quotes; a backslash takes the next character as it is, except in single quotes. */
export function splitCommandLine(line: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const [, taken, double, single, plain, blank, other] of line.matchAll(segment)) {
    word += taken ?? double?.replaceAll(/\\([\s\S])/g, '$1') ?? single ?? plain ?? other ?? '';
    if (blank === undefined) continue;
    if (word !== '') words.push(word);
    word = '';
  }
  if (word !== '') words.push(word);
  return words;
}

/** What Gerrit writes to standard error before it exits with 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

export function fatal(message: string): CommandFailed {
  return new CommandFailed(`fatal: ${message}\n`);
}

export interface OptionSpec {
  /** Every spelling of an option, and the name it is read by. */
  readonly names: Readonly<Record<string, string>>;
  /** Names that stand alone. */
  readonly flags: ReadonlySet<string>;
}

export interface Parsed {
  readonly operands: readonly string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** `--name value`, `--name=value`, `-n value`; anything unknown that starts with a dash is refused in Gerrit's words. */
export function parseOptions(words: readonly string[], spec: OptionSpec): Parsed {
  const operands: string[] = [];
  const options = new Map<string, string[]>();
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest.splice(0));
    } else if (word.startsWith('-') && word !== '-') {
      const { name, value } = parseOption(word, rest, spec);
      options.set(name, [...(options.get(name) ?? []), value]);
    } else {
      operands.push(word);
    }
  }
  return { operands, options };
}

function parseOption(word: string, rest: string[], { names, flags }: OptionSpec): { name: string; value: string } {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const spelling = equals === -1 ? word : word.slice(0, equals);
  const name = Object.hasOwn(names, spelling) ? names[spelling] : undefined;
  if (name === undefined) throw fatal(`"${spelling}" is not a valid option`);
  if (flags.has(name)) return { name, value: 'true' };
  const value = equals === -1 ? rest.shift() : word.slice(equals + 1);
  if (value === undefined) throw fatal(`Option "${spelling}" takes an operand`);
  return { name, value };
}

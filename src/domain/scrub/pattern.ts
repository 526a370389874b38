import type { Range, ScrubRule } from './rule.ts';

/** `*` and `+` repeat so often at most, or a hostile line could cost minutes. */
const mostRepeats = 1000;

/** An operator's regular expression, line by line. */
export function patternRule(name: string, source: string, options: { replace: boolean }): ScrubRule {
  const pattern = new RegExp(bounded(source), 'gm');
  return {
    name,
    find: (text) => (text.search(pattern) < 0 ? [] : findInLines(text, pattern)),
    identity: options.replace ? (hidden) => hidden : undefined,
    hidesPlaceholders: false,
  };
}

/** What is wrong with a pattern; undefined: it can be used. */
export function patternProblem(source: string): string | undefined {
  if (!/^[\x20-\x7e]+$/.test(source)) return 'must consist of ASCII characters';
  try {
    if (new RegExp(bounded(source)).test('')) return 'must not match an empty text';
  } catch {
    return 'is no regular expression';
  }
  const { groups, rest } = withoutClasses(source);
  if (/\\[1-9]|\\k</.test(rest)) return 'must not refer to its own groups';
  return groups.some((group) => group.repeats && group.isRepeated)
    ? 'repeats a group that itself repeats something: a hostile line would take hours'
    : undefined;
}

/** `[^x]` may match a line end, and nothing hidden may hold one. */
function findInLines(text: string, pattern: RegExp): readonly Range[] {
  const found: Range[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    for (const { 0: match, index } of line.matchAll(pattern))
      if (match !== '') found.push({ start: start + index, end: start + index + match.length });
    start += line.length + 1;
  }
  return found;
}

function bounded(source: string): string {
  return source.replaceAll(
    /(\\.|\[(?:\\.|[^\]\\])*\])|([*+])|\{(\d{1,4}),\}/g,
    (whole, other: string | undefined, sign: string | undefined, least: string | undefined) => {
      if (other !== undefined) return whole;
      return `{${least ?? (sign === '+' ? '1' : '0')},${mostRepeats}}`;
    },
  );
}

interface Group {
  /** Something in it is repeated. */
  repeats: boolean;
  isRepeated: boolean;
}

function withoutClasses(source: string): { groups: readonly Group[]; rest: string } {
  const rest = source.replaceAll(/\[(?:\\.|[^\]\\])*\]/g, 'x');
  const groups: Group[] = [];
  const open: Group[] = [];
  for (const [token] of rest.matchAll(/\\.|\(|\)|[*+]|\{\d+,?\d*\}/g)) {
    if (token === '(') open.push({ repeats: false, isRepeated: false });
    else if (token === ')') {
      const closed = open.pop();
      if (closed) groups.push(closed);
    } else if (!token.startsWith('\\')) for (const group of open) group.repeats = true;
  }
  const closings = [...rest.matchAll(/\\.|\((?:\?[:=!<]*)?|\)([*+]|\{\d+,?\d*\})?/g)];
  let index = 0;
  for (const [token, quantifier] of closings) {
    if (!token.startsWith(')')) continue;
    const group = groups[index];
    if (group && quantifier !== undefined) group.isRepeated = true;
    index += 1;
  }
  return { groups, rest };
}

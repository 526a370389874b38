/** Part of a text, from `start` up to but not including `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * What is hidden, and how. Texts are bytes as Latin-1, one character for each byte, in whole lines; no range holds a line end. What is
 * hidden keeps its length: offsets in a growing log stay true, and so do lengths inside of subunit packets and archives.
 */
export interface ScrubRule {
  readonly name: string;
  find(text: string): readonly Range[];
  /** What the same placeholder is for, such as an address however it is written; undefined: hidden by `*`. */
  readonly identity: ((hidden: string) => string) | undefined;
  /** False: what an earlier rule made of a text is left alone, so that scrubbing twice is scrubbing once. */
  readonly hidesPlaceholders: boolean;
}

/** Hidden so often by each rule. */
export type Hidden = Map<string, number>;

/** Letters of a placeholder for what is given: always the same ones, and nobody else can compute them. At least 64 of `placeholderLetters`. */
export type Digest = (identity: string) => string;

/** No vowels: no word, and so no name that shall be hidden, comes about by chance. */
export const placeholderLetters = 'bcdfghjklmnpqrstvwxz23456789';
const placeholder = /~[b-df-hj-np-tv-z2-9]{2,64}~/g;
const shortest = 4;
const longest = 66;

export function applyRule(rule: ScrubRule, text: string, digest: Digest): { text: string; count: number } {
  const found = rule.find(text);
  if (found.length === 0) return { text, count: 0 };
  const kept = rule.hidesPlaceholders ? [] : allMatches(text, placeholder);
  const parts: string[] = [];
  let at = 0;
  let count = 0;
  for (const { start, end } of found) {
    if (start < at || kept.some((range) => range.start < end && start < range.end)) continue;
    parts.push(text.slice(at, start), mask(rule, text.slice(start, end), digest));
    at = end;
    count += 1;
  }
  parts.push(text.slice(at));
  return { text: parts.join(''), count };
}

function mask({ identity }: ScrubRule, hidden: string, digest: Digest): string {
  const { length } = hidden;
  if (identity === undefined || length < shortest || length > longest) return '*'.repeat(length);
  return `~${digest(identity(hidden)).slice(0, length - 2)}~`;
}

/** The whole matches, or those of one group, of a pattern with the flags `g` and, for a group, `d`. */
export function allMatches(text: string, pattern: RegExp, group = 0): Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(pattern)) {
    const [start, end] = group === 0 ? [match.index, match.index + match[0].length] : (match.indices?.[group] ?? []);
    if (start !== undefined && end !== undefined && start < end) ranges.push({ start, end });
  }
  return ranges;
}

import type { Range, ScrubRule } from './rule.ts';

/** The longest key people use, RSA of 16,384 bits, has 13,000 characters. */
const longestKey = 16 * 1024;

const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/**
 * Between the marks of a key: what is too long for a word, and what ends a line, also behind a time of the log, and within one line with
 * `\n` written out.
 */
const body =
  /(?:(?<=\\[nr])|(?<![A-Za-z0-9+/\\]))(?:[A-Za-z0-9+/]{16,}={0,2}|[A-Za-z0-9+/]+={0,2}(?=[ \t"',]{0,4}(?:\\{1,2}[nr]|\r?\n|$)))/g;
/** Without an end it is perhaps no key: only what looks like one. */
const longRun = /[A-Za-z0-9+/]{32,}={0,2}/g;

/** Private keys in PEM. The marks stay, so that a reader sees what it was. */
export const privateKeysRule: ScrubRule = {
  name: 'private-key',
  find: findKeys,
  identity: undefined,
  hidesPlaceholders: true,
};

/** Start of the line of a key that goes on behind the text; undefined: there is none. */
export function openKey(text: string): number | undefined {
  const open = blocks(text).find(({ ended, from, to }) => !ended && to === text.length && to - from < longestKey);
  return open && text.lastIndexOf('\n', open.from - 1) + 1;
}

function findKeys(text: string): readonly Range[] {
  if (!text.includes('-----BEGIN ')) return [];
  return blocks(text).flatMap(({ from, to, ended }) =>
    Array.from(text.slice(from, to).matchAll(ended ? body : longRun), ({ 0: run, index }) => ({
      start: from + index,
      end: from + index + run.length,
    })),
  );
}

/** From behind the mark at its begin to that at its end, to the next begin, or as far as a key can be long. */
function blocks(text: string): readonly { readonly from: number; readonly to: number; readonly ended: boolean }[] {
  const begins = Array.from(text.matchAll(begin), ({ 0: mark, index }) => ({ at: index, from: index + mark.length }));
  return begins.map(({ from }, index) => {
    const to = Math.min(begins[index + 1]?.at ?? text.length, from + longestKey);
    const length = text.slice(from, to).search(end);
    return length < 0 ? { from, to, ended: false } : { from, to: from + length, ended: true };
  });
}

import type { Range, ScrubRule } from './rule.ts';

/** Shorter ones would hide words that are no secret. */
export const shortestSecret = 6;

/** Finds strings that are known, as they are. */
export function stringsRule(name: string, strings: readonly string[], options: { replace: boolean }): ScrubRule {
  const sorted = [...new Set(strings)].filter((one) => one !== '').toSorted((a, b) => b.length - a.length);
  return {
    name,
    find: (text) => findStrings(text, sorted),
    identity: options.replace ? (hidden) => hidden : undefined,
    hidesPlaceholders: false,
  };
}

/** Secrets that are known: whatever they stand in, also where another rule put a placeholder. */
export function secretsRule(secrets: readonly string[]): ScrubRule {
  const forms = secrets.flatMap(linesOf).flatMap(formsOf);
  return { ...stringsRule('known-secret', forms.map(bytesOf), { replace: false }), hidesPlaceholders: true };
}

/** A key is many lines; logs are looked through line by line. Lines such as BEGIN are no secret. */
function linesOf(secret: string): readonly string[] {
  return secret
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestSecret && !/^-----.*-----$/.test(line) && !/^\*+$/.test(line));
}

/** As logs write it: plain, in addresses, in JSON, in Base64. */
function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = btoa(bytesOf(secret)).replace(/=+$/, '');
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    json,
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ];
}

/** UTF-8 as Latin-1. */
export function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

function findStrings(text: string, strings: readonly string[]): readonly Range[] {
  const found: Range[] = [];
  for (const one of strings)
    for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + 1))
      found.push({ start: at, end: at + one.length });
  return found.length < 2 ? found : joined(found);
}

/** Ranges that overlap as one: of two secrets that share a part nothing may be left. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const whole: { start: number; end: number }[] = [];
  for (const range of sorted) {
    const last = whole.at(-1);
    if (last && range.start < last.end) last.end = Math.max(last.end, range.end);
    else whole.push({ ...range });
  }
  return whole;
}

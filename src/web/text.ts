import { raw } from 'hono/html';

/** What `html` gives: markup that is safe to put into other markup. */
export type Html = ReturnType<typeof raw> | Promise<ReturnType<typeof raw>>;

const joiners = new Set(['\u200c', '\u200d']);

/** One line for people: control, direction and invisible characters become visible, so that text cannot pose as other text. */
export function visible(text: string, limit = 500): string {
  const line = visibleLines(text.slice(0, limit)).replaceAll(/[\n\t]+/g, ' ');
  return text.length > limit ? `${line}…` : line;
}

/** The same for text of many lines; line ends and tabs stay. */
export function visibleLines(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, sign);
}

function sign(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === '\n' || char === '\t' || joiners.has(char)) return char;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** Only such links are made of what somebody else sent. */
export function webUrl(url: string): string | undefined {
  if (!URL.canParse(url) || url.length > 2000) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

export function shortId(id: string): string {
  return id.slice(0, 7);
}

export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = count < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Names and numbers in a path of ours. */
export function pathTo(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

const joiners = new Set(['\u200C', '\u200D']);
const mostText = 65_536;

/** One line: what cannot be seen, steers a terminal or turns the direction of text is written out, so that no text poses as another. */
export function visible(text: string, limit = 500): string {
  return visibleLines(text, limit).replaceAll(/[\n\t]+/g, ' ');
}

/** The same for text of many lines; line ends and tabs stay. */
export function visibleLines(text: string, limit = mostText): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return shown
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, sign);
}

function sign(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n' || character === '\t' || joiners.has(character)) return character;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** The address if a link may lead there. Other letters than ASCII could look like another host, a name before `@` as well. */
export function webUrl(text: string): string | undefined {
  if (text.length > 2000 || !/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { username, password } = new URL(text);
  return username === '' && password === '' ? text : undefined;
}

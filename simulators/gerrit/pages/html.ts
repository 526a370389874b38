import { visibleLines, webUrl } from './text.ts';

/** Markup that is safe to put into other markup; only `html` and `linkedText` make it of text. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

/** A template whose values are escaped, unless they are markup already. Use quotes around the values of attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const texts = strings.map((string, index) => string + written(parts[index]));
  return new Markup(texts.join(''));
}

function written(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  return typeof part === 'number' ? String(part) : part.map(written).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Text of many lines with its web addresses as links. */
export function linkedText(text: string): Markup {
  const parts = visibleLines(text).split(/(https?:\/\/[^\s<>"']+)/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? link(part) : part))}`;
}

function link(found: string): Markup {
  let end = found.length;
  while ('.,;:!?)]'.includes(found.charAt(end - 1))) end -= 1;
  const url = webUrl(found.slice(0, end));
  if (url === undefined) return html`${found}`;
  return html`<a href="${url}" rel="noopener noreferrer">${url}</a>${found.slice(end)}`;
}

import { expect, test } from 'vitest';
import { html, linkedText } from './html.ts';
import { visible, visibleLines, webUrl } from './text.ts';

test('escapes every value and keeps markup as it is', () => {
  const inner = html`<b title="${'"><script>'}">${"<&'"}</b>`;

  const outer = html`<p>${inner}${[inner, 1, undefined]}</p>`;

  const bold = '<b title="&quot;&gt;&lt;script&gt;">&lt;&amp;&#39;</b>';
  expect(outer.text).toBe(`<p>${bold}${bold}1</p>`);
});

test('links web addresses without the punctuation that follows', () => {
  const { text } = linkedText('(see https://ci.example.com/logs/1/?a=1&b=2).');

  const url = 'https://ci.example.com/logs/1/?a=1&amp;b=2';
  expect(text).toBe(`(see <a href="${url}" rel="noopener noreferrer">${url}</a>).`);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://ci.example.com/',
  'https://review.opendev.org@evil.example/',
  'https://review.opendev.org\u202e/moc.live',
  'https://reviеw.opendev.org/',
  'https://',
])('makes no link of %j', (address) => {
  const { text } = linkedText(`see ${address} now`);

  expect(text).not.toContain('<a');
  expect(webUrl(address)).toBeUndefined();
});

test('writes out terminal escapes, control and direction characters', () => {
  const hostile = '\u001b[31mred\u001b]0;title\u0007 \u202egnp.exe\u200b\u0000';

  const shown = visible(hostile);

  expect(shown).toBe('\\x1b[31mred\\x1b]0;title\\x07 [U+202E]gnp.exe[U+200B]\\x00');
});

test('keeps lines, tabs and letters of any script', () => {
  const text = 'one\r\n\ttwo שלום 日本語 👩‍💻';

  expect(visibleLines(text)).toBe('one\n\ttwo שלום 日本語 👩‍💻');
  expect(visible(text)).toBe('one two שלום 日本語 👩‍💻');
});

test('cuts what is too long, and never leaves half a character', () => {
  expect(visible('a'.repeat(600), 5)).toBe('aaaaa…');
  expect(visible('👍👍', 3)).toBe('👍\ufffd…');
});

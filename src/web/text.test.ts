import { describe, expect, test } from 'vitest';
import { bytes, visible, visibleLines, webUrl } from './text.ts';

describe('text of somebody else', () => {
  test.each([
    ['a terminal escape', '\u001b[31mred', '\\x1b[31mred'],
    ['a bell', 'a\u0007b', 'a\\x07b'],
    ['a NUL', 'a\0b', 'a\\x00b'],
    ['an eight bit control', 'a\u009bb', 'a\\x9bb'],
    ['a direction override', 'a\u202egnp.exe', 'a[U+202E]gnp.exe'],
    ['an isolate', '\u2066x\u2069', '[U+2066]x[U+2069]'],
    ['an invisible space', 'a\u200bb\ufeff', 'a[U+200B]b[U+FEFF]'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a line end', 'a\r\nb\tc', 'a b c'],
    ['ordinary letters of any script', 'äöü 試験 тест 👩‍🔧', 'äöü 試験 тест 👩‍🔧'],
  ])('shows %s so that nobody is misled', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('is cut where it is longer than its limit', () => {
    expect(visible('x'.repeat(1000), 10)).toBe(`${'x'.repeat(10)}…`);
  });

  test('keeps its lines where it has lines', () => {
    expect(visibleLines('a\r\n\tb\n')).toBe('a\n\tb\n');
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//host/x',
    '/x',
    '',
    `https://host/${'x'.repeat(3000)}`,
  ])('makes no link of %j', (url) => {
    expect(webUrl(url)).toBeUndefined();
  });

  test('makes a link of a web address', () => {
    expect(webUrl('https://review.example.org/c/1')).toBe('https://review.example.org/c/1');
  });

  test('counts bytes in the unit that reads best', () => {
    expect([0, 999, 1000, 15_630, 2_000_000, 3e9].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '15.6 kB',
      '2.0 MB',
      '3.0 GB',
    ]);
  });
});

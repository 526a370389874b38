import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeLength, consoleChunks, consoleHtml, fromNextLine } from './console-text.ts';

const length = (text: string | number[]) => completeLength(Buffer.from(text as string));

describe('console markup', () => {
  test.each([
    ['colours become classes', '\u001b[31mred\u001b[0m plain', '<span class="c1">red</span> plain'],
    ['bright and bold too', '\u001b[1;92mok\u001b[m', '<span class="bold c2">ok</span>'],
    ['palette colours are left out', '\u001b[38;5;196mx', 'x'],
    ['cursor commands are left out', 'a\u001b[2J\u001b[10;10Hb', 'ab'],
    ['a window title is left out', '\u001b]0;evil\u0007text', 'text'],
    ['a link is reduced to its text', '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['an unended title hides nothing', '\u001b]0;all the rest', '0;all the rest'],
    ['markup is text', '<script>alert("1")</script>&', '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;'],
    ['markup inside colours is text', '\u001b[31m<b>\u001b[0m', '<span class="c1">&lt;b&gt;</span>'],
    ['a progress bar becomes lines', '10%\r20%\r\n', '10%\n20%\n'],
    ['controls become visible', 'a\u0000\u0007\u009bb', 'a\\x00\\x07\\x9bb'],
    ['direction overrides become visible', '\u202egnp', '[U+202E]gnp'],
  ])('%s', async (_what, text, markup) => {
    expect(String(await consoleHtml(text))).toBe(markup);
  });

  test('comes in parts that end at line ends', async () => {
    const text = `${'x'.repeat(99)}\n`.repeat(1000);

    const parts = String(await consoleChunks(Buffer.from(text))).match(/<span class="part">[^<]*<\/span>/g) ?? [];

    expect(parts.length).toBeGreaterThan(3);
    expect(parts.every((part) => part.endsWith('\n</span>'))).toBe(true);
  });

  test('never lets markup through, whatever the bytes are', async () => {
    const alphabet = fc.constantFrom(
      '\u001b',
      '[',
      ']',
      'm',
      '3',
      '1',
      ';',
      '\u0007',
      '\\',
      '<',
      '>',
      '"',
      "'",
      '&',
      'a',
      '\r',
      '\n',
    );
    const texts = fc.array(alphabet, { maxLength: 60 }).map((parts) => parts.join(''));

    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const markup = String(await consoleHtml(text));
        const rest = markup.replaceAll(/<span class="[a-z0-9 ]+">|<\/span>/g, '');
        expect(rest).not.toMatch(/[<>"']/);
        expect(rest).not.toContain('\u001b');
      }),
    );
  });
});

describe('the part of a console that can be shown now', () => {
  test.each([
    ['whole text', 'abc', 3],
    ['nothing', '', 0],
    ['an escape sequence that has not ended', 'abc\u001b[3', 3],
    ['an escape sequence that has ended', 'abc\u001b[31m', 8],
    ['a title that has not ended', 'abc\u001b]0;ti', 3],
    ['a title that never ends', `abc\u001b]${'x'.repeat(300)}`, 305],
    ['CR that may be followed by LF', 'abc\r', 3],
  ])('ends well for %s', (_what, text, expected) => {
    expect(length(text)).toBe(expected);
  });

  test('does not end inside a character', () => {
    const bytes = Buffer.from('aä試👍');

    const ends = [...bytes.keys()].map((end) => completeLength(bytes.subarray(0, end + 1)));

    expect(ends).toEqual([1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);
  });

  test('takes bytes that are no UTF-8 as they are', () => {
    expect(length([0x61, 0x80, 0x80, 0x80, 0x80])).toBe(5);
  });

  test('goes on at the next line where the start was cut off', () => {
    expect(String(fromNextLine(Buffer.from('rest of a line\nnext\n')))).toBe('next\n');
    expect(String(fromNextLine(Buffer.from('no line end')))).toBe('no line end');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneLine, plainLine } from './sanitize.ts';

describe('oneLine', () => {
  test.each([
    ['line breaks become blanks', 'one\r\ntwo\u2028three\u0085four', 'one two three four'],
    ['colours vanish as a whole', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a window title vanishes as a whole', '\u001b]0;owned\u0007safe', 'safe'],
    ['a terminal link keeps its text', '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['bidi overrides vanish', 'abc\u202egnp.exe', 'abcgnp.exe'],
    ['letters of all scripts stay', 'Grüße, 世界, שלום', 'Grüße, 世界, שלום'],
    ['half characters are replaced', 'a\ud800b', 'a\ufffdb'],
  ])('%s', (_name, hostile, expected) => {
    expect(oneLine(hostile, 100)).toBe(expected);
  });

  test('a long text is cut with an ellipsis and never inside a character', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…');
    expect(oneLine('ab😀cd', 4)).toBe('ab…');
  });

  test('whatever goes in, one clean line within the limit comes out', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b[', '\u001b]', '\u009b', '\n', '\u202e', '\u2066'),
    );

    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 50 }), (pieces, max) => {
        const line = oneLine(pieces.join(''), max);

        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(line.isWellFormed()).toBe(true);
      }),
    );
  });
});

test('plainLine leaves nothing that Gerrit turns into a link or markup', () => {
  const line = plainLine('<b>x</b> [click](http://evil.example) `code`', 100);

  expect(line).toBe("'b'x'/b' [click] (http: //evil.example) 'code'");
});

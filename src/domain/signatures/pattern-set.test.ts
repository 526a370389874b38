import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTooLarge } from './pattern-program.ts';
import { PatternSet } from './pattern-set.ts';
import { parsePattern } from './pattern-syntax.ts';

/** Which of the patterns match the line. */
function matching(patterns: readonly string[], line: string): readonly number[] {
  const set = new PatternSet(
    patterns.map((pattern) => {
      const parsed = parsePattern(pattern);
      if (!parsed.ok) throw new Error(`${pattern} ${parsed.what}`);
      return parsed.node;
    }),
  );
  const found = new Set<number>();
  const bytes = Buffer.from(line);
  const state = set.run(set.begin(), bytes, { from: 0, to: bytes.length }, (pattern) => found.add(pattern));
  for (const pattern of set.end(state)) found.add(pattern);
  return [...found].toSorted((one, other) => one - other);
}

describe('a pattern', () => {
  test.each<[string, string, boolean]>([
    ['No space left', 'tar: x: No space left on device', true],
    ['No space left', 'no space left', false],
    ['(?i)no SPACE', 'No space', true],
    ['^E: ', 'E: Failed', true],
    ['^E: ', 'W: E: Failed', false],
    ['full$', 'disk full', true],
    ['full$', 'disk full!', false],
    ['fetch .*(?:timed out|refused)', 'fetch http://x: connection refused', true],
    ['fetch .*(?:timed out|refused)', 'refused to fetch', false],
    ['rc \\d{3}\\b?', 'rc 12', false],
    ['[^a-c]\\.x', 'd.x', true],
    ['[^a-c]\\.x', 'a.x', false],
    ['[]x]y', ']y', true],
    ['[\\d-]z', '-z', true],
    ['a{2,3}b', 'caab', true],
    ['^a{2,3}b', 'aaaab', false],
    ['a{2}b', 'ab', false],
    ['größer', 'viel größer als', true],
    ['a.c', 'aöc', false],
    ['a..c', 'aöc', true],
    ['\\{\\}\\(', 'f{}(', true],
  ])('%s on %j: %s', (pattern, line, matches) => {
    if (pattern.includes('\\b')) return expect(parsePattern(pattern)).toMatchObject({ ok: false });
    expect(matching([pattern], line)).toEqual(matches ? [0] : []);
  });

  test.each<[string, RegExp]>([
    ['a(b', /`\(` without/],
    ['a)b', /`\)` without/],
    ['[ab', /middle of a `\[…\]`/],
    ['*a', /nothing to repeat/],
    ['a**', /two repetitions/],
    ['(?=a)b', /only `\(\?:`/],
    ['(a)\\1', /`\\1`, which is not understood/],
    ['a{1,', /no repetition/],
    ['a{300}', /more than 100 times/],
    ['[z-a]', /ends before it begins/],
    ['.*', /matches every line/],
    ['^$', /matches every line/],
    ['', /matches every line/],
    ['x'.repeat(501), /longer than 500/],
    ['a\\', /middle of an escape/],
  ])('%s is refused', (pattern, why) => {
    expect(parsePattern(pattern)).toEqual({ ok: false, what: expect.stringMatching(why) });
  });

  test('that would become a million states is too large', () => {
    const parsed = parsePattern('((a{100}){100}){100}');

    expect(parsed.ok && isTooLarge(parsed.node)).toBe(true);
  });

  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '1');
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map((both) => both.join('')),
      fc.tuple(tie('pattern'), tie('pattern')).map((both) => `(?:${both.join('|')})`),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,}'))
        .map(([one, many]) => `(${one})${many}`),
      tie('pattern').map((one) => `^${one}`),
      tie('pattern').map((one) => `${one}$`),
    ),
  }));

  test('matches what the regular expression of the same text matches, alone and beside others', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '_', ' '), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 5 }), line, (patterns, text) => {
        const usable = patterns.filter((one) => parsePattern(one).ok);
        const expected = usable.flatMap((one, index) => (new RegExp(one).test(text) ? [index] : []));
        expect(matching(usable, text)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

test('patterns that would hang a backtracking engine take linear time, and few states are remembered', () => {
  const parsed = ['(a+)+$', '(a|a)*b', 'a.*b.*c.*d', '(?:x|a.{50}y)'].map((pattern) => parsePattern(pattern));
  const set = new PatternSet(parsed.flatMap((one) => (one.ok ? [one.node] : [])));
  // Every other byte differs, so that the last pattern leads to ever new states.
  const random = Array.from({ length: 300_000 }, (_, index) => ((index * 2654435761) >>> 7) % 2);
  const bytes = Uint8Array.from(random, (bit) => (bit ? 97 : 98));
  const found = new Set<number>();

  const started = performance.now();
  set.run(set.begin(), bytes, { from: 0, to: bytes.length }, (one) => found.add(one));

  expect(performance.now() - started).toBeLessThan(20_000);
  expect([...found]).toEqual([1]);
});

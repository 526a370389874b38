import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapePattern } from './escape-pattern.ts';
import { SignatureMatcher } from './match-log.ts';
import { parsePattern } from './pattern-syntax.ts';

function finds(text: string, line: string): boolean {
  const parsed = parsePattern(escapePattern(text));
  if (!parsed.ok) throw new Error(`${text}: ${parsed.what}`);
  const pattern = { text, node: parsed.node };
  const rest = { title: '', cause: 'patch', all: [], tests: undefined, bug: undefined, retry: undefined } as const;
  const log = new SignatureMatcher([{ id: 'x', logs: ['*'], any: [pattern], ...rest }]).open('log')!;
  log.push(Buffer.from(line));
  return log.end().length > 0;
}

test('an escaped text stands for itself and nothing else', () => {
  const signs = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text));
  fc.assert(
    fc.property(signs, signs, (text, line) => {
      expect(finds(text, `before ${text} after`)).toBe(true);
      expect(finds(text, line)).toBe(Buffer.from(line).includes(Buffer.from(text)));
    }),
  );
  expect(finds('(?i)a.b', '(?i)a.b')).toBe(true);
  expect(finds('(?i)a.b', 'AxB')).toBe(false);
});

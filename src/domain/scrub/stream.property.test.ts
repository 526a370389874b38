import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from './known-strings.ts';
import { parseNetwork } from './networks.ts';
import { placeholderLetters } from './rule.ts';
import { createScrubLines } from './scrubber.ts';
import type { ScrubRuleSettings } from './scrubber.ts';
import { createScrubStream } from './stream.ts';

const seconds = 1000;
/** Stands for the keyed digest: the same for the same text. */
export function digest(identity: string): string {
  let state = 7;
  for (const char of identity) state = (state * 31 + char.charCodeAt(0)) % 1_000_003;
  return Array.from({ length: 64 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return placeholderLetters[state % placeholderLetters.length];
  }).join('');
}

const lab: ScrubRuleSettings = {
  name: 'lab',
  strings: ['lpar7.lab.example.org'],
  patterns: ['rack\\d{1,3}-node\\d+'],
  networks: [parseNetwork('10.20.0.0/16')!, parseNetwork('2001:db8::/32')!],
  replace: true,
};

const key = [
  '-----BEGIN RSA PRIVATE KEY-----',
  ...Array.from({ length: 25 }, (_, line) => `${'MIIEpQ+/'.repeat(7)}Zx${line}q==`),
  '-----END RSA PRIVATE KEY-----',
].join('\n');

const secrets = fc.array(
  fc
    .string({ minLength: 6, maxLength: 60, unit: 'grapheme' })
    .filter((text) => !/[\r\n]/.test(text) && text.trim().length >= 6 && !/^\*+$/.test(text.trim())),
  { minLength: 1, maxLength: 4 },
);
const noise = fc.oneof(
  fc.constantFrom(
    '\n',
    ' ',
    '\u001b[31m',
    'password=',
    '"token": "',
    'X-Auth-Token: ',
    '10.20.3.4',
    '2001:db8::17',
    'rack12-node7',
    'lpar7.lab.example.org',
    'mysql+pymysql://root:nova@127.0.0.1/nova',
    `${key}\n`,
    '-----BEGIN RSA PRIVATE KEY-----\n',
    '~bcdfg~',
    '****',
    '1',
    '-',
    'x'.repeat(5000),
    'word '.repeat(3000),
  ),
  fc.string({ maxLength: 30, unit: 'binary' }),
);

interface Case {
  readonly secrets: readonly string[];
  readonly text: string;
  readonly cuts: readonly number[];
}

const cases: fc.Arbitrary<Case> = secrets.chain((known) =>
  fc.record({
    secrets: fc.constant(known),
    text: fc
      .array(fc.oneof({ arbitrary: noise, weight: 3 }, { arbitrary: fc.constantFrom(...known), weight: 1 }), {
        maxLength: 40,
      })
      .map((parts) => bytesOf(parts.join(''))),
    cuts: fc.array(fc.nat(200_000), { maxLength: 8 }),
  }),
);

function scrubInPieces({ secrets: known, text, cuts }: Case): string {
  const stream = createScrubStream(createScrubLines({ without: [], rules: [lab] }, known, digest));
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return at.map((start, index) => stream.push(text.slice(start, at[index + 1]))).join('') + stream.end();
}

describe('a scrubbed stream', () => {
  test('holds no known secret, however its bytes came', { timeout: 120 * seconds }, () => {
    fc.assert(
      fc.property(cases, (one) => {
        const scrubbed = scrubInPieces(one);
        for (const secret of one.secrets) expect(scrubbed).not.toContain(bytesOf(secret.trim()));
      }),
      { numRuns: 400 },
    );
  });

  test('is the same however its bytes came, as long as it was, with the same lines', { timeout: 120 * seconds }, () => {
    fc.assert(
      fc.property(cases, (one) => {
        const whole = scrubInPieces({ ...one, cuts: [] });
        expect(scrubInPieces(one)).toBe(whole);
        expect(whole.length).toBe(one.text.length);
        expect(whole.split('\n').map(({ length }) => length)).toEqual(one.text.split('\n').map(({ length }) => length));
      }),
      { numRuns: 300 },
    );
  });

  test('is not changed by scrubbing it again', { timeout: 120 * seconds }, () => {
    fc.assert(
      fc.property(cases, (one) => {
        const once = scrubInPieces(one);
        expect(scrubInPieces({ ...one, text: once })).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  test('is what it was where there is nothing to hide', { timeout: 120 * seconds }, () => {
    const words = fc.constantFrom(
      '2026-11-27 10:00:00.123',
      'INFO',
      'nova.compute',
      '[req-0a1b]',
      '\u001b[01;32m',
      'ok',
      '192.0.2.7',
      '::1',
      '\n',
      '\r',
      ' ',
      '{"a": 1}',
      'ä',
      '\u0000\u00ff',
      'https://opendev.org/x?y=z',
      'sha256:0123456789abcdef',
      '10.21.0.1',
      '1.10.20.3.4',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 200 }), fc.array(fc.nat(9999), { maxLength: 5 }), (parts, cuts) => {
        const text = bytesOf(parts.join(' '));
        expect(scrubInPieces({ secrets: ['correct horse battery'], text, cuts })).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

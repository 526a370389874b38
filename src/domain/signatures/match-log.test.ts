import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SignatureMatcher } from './match-log.ts';
import { plainSignature } from '../testing/signatures.ts';
import type { Signature } from './signature.ts';

/** Hits in a text that comes in these parts. */
function hitsIn(signatures: readonly Signature[], parts: readonly (string | Uint8Array)[], log = 'a.txt') {
  const matcher = new SignatureMatcher(signatures).open(log);
  for (const part of parts) matcher?.push(Buffer.from(part));
  return matcher?.end();
}

describe('signatures', () => {
  test('need all patterns of `all` and one of `any`, in the same log', () => {
    const both = plainSignature('both', { all: ['one', 'two'], any: ['three', 'four'] });

    expect(hitsIn([both], ['one\ntwo\n'])).toEqual([]);
    expect(hitsIn([both], ['one\nfour\n'])).toEqual([]);
    expect(hitsIn([both], ['four\ntwo one'])).toEqual([
      {
        signature: 'both',
        log: 'a.txt',
        lines: [
          { line: 1, text: 'four' },
          { line: 2, text: 'two one' },
        ],
      },
    ]);
  });

  test('are looked for in the logs they name only, compressed or not', () => {
    const compute = plainSignature('compute', { any: ['x'], logs: ['*/screen-n-cpu.txt'] });

    expect(hitsIn([compute], ['x'], 'job-output.txt')).toBeUndefined();
    expect(hitsIn([compute], ['x'], 'controller/logs/screen-n-cpu.txt.gz')).toHaveLength(1);
  });

  test('show few lines, harmless and cut, around what matched', () => {
    const far = plainSignature('far', { any: ['here'] });
    const long = `${'a'.repeat(2000)} here ${'b'.repeat(2000)}`;
    const beyond = `${'c'.repeat(9000)} here`;

    const [hit] = hitsIn(
      [far],
      ['\u001b[31mhere\u001b[0m\u0007\u202e\n', `${long}\n`, `${beyond}\n`, 'here\n'.repeat(1000)],
    )!;

    expect(hit?.lines).toHaveLength(3);
    expect(hit?.lines[0]).toEqual({ line: 1, text: 'here' });
    expect(hit?.lines[1]?.text).toMatch(/^…a+ here b+…$/);
    expect(hit?.lines.every(({ text }) => text.length <= 300)).toBe(true);
    expect(hit?.lines[2]?.line).toBe(3);
  });

  test('take a carriage return for the end of a line that is not counted', () => {
    const full = plainSignature('full', { any: ['^disk full$'] });

    expect(hitsIn([full], ['10%\r20%\rdisk full\r\nnext'])?.[0]?.lines).toEqual([{ line: 1, text: 'disk full' }]);
  });

  test('are found however the log is cut into parts, two logs at the same time', () => {
    const signatures = [
      plainSignature('ends', { any: ['full$'] }),
      plainSignature('begins', { all: ['^E: ', '[0-9]+%'] }),
      plainSignature('within', { any: ['größer'] }),
    ];
    const piece = fc.constantFrom('disk full', 'E: ', '\n', '\r\n', ' 20%', 'größer', 'x', '\u0000', 'full');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(80), { maxLength: 8 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const places = [0, ...cuts.filter((at) => at <= bytes.length).toSorted((a, b) => a - b), bytes.length];
        const matcher = new SignatureMatcher(signatures);
        const [one, other] = [matcher.open('a.txt')!, matcher.open('a.txt')!];
        places.slice(1).forEach((to, index) => {
          one.push(bytes.subarray(places[index], to));
          other.push(Buffer.from('E: 3% '));
        });
        expect(one.end()).toEqual(hitsIn(signatures, [bytes]));
      }),
    );
  });

  test('that are found already are told before the end', () => {
    const matcher = new SignatureMatcher([plainSignature('early', { any: ['x'] })]).open('a.txt')!;
    matcher.push(Buffer.from('x'));
    const before = matcher.found;
    matcher.push(Buffer.from('\n'));

    expect([before, matcher.found, matcher.hits().length]).toEqual([0, 1, 1]);
  });
});

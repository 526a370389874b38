import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recheckCall } from './recheck.ts';
import type { RecheckCall } from './recheck.ts';

const ciName = 'IBM z/VM CI';

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'recheck',
        'run-',
        ciName,
        ' ',
        '\n',
        '\r\n',
        '\u2028',
        '\t',
        '>',
        'zvm',
        'zvm-full',
        '-',
        '_',
        '.',
        ':',
      ),
      fc.constantFrom('bug', '\u202e', '\u200b', '\ud800', '\0', '*', '.*', '(', '\\', '__proto__'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));
const comment = fc
  .tuple(
    fc.constantFrom('', '', 'recheck ', 'recheck zvm', 'recheck-', 'recheck_zvm-full ', `x\nrun-${ciName}\n`),
    text,
  )
  .map(([opening, rest]) => opening + rest);
/** What people could configure, and what would be a mistake in a pattern. */
const names = fc.uniqueArray(fc.constantFrom('zvm', 'zvm-full', 'z.vm', 'zvm*', 'ZVM', 'constructor', 'a+b'), {
  maxLength: 4,
});
/** As Gerrit writes it. */
const header = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.subarray([' Code-Review+1', ' -Verified', ' Workflow+1']))
  .map(([patchset, votes]) => `Patch Set ${patchset}:${votes.join('')}\n\n`);

function meaning(call: RecheckCall): string {
  return call.kind === 'named' ? `named ${call.name}` : call.kind;
}

const often = { numRuns: 3000 };

describe('any comment', () => {
  test('means the same in capitals', () => {
    fc.assert(
      fc.property(comment, names, (said, known) => {
        const ascii = said.replaceAll(/[^\0-\x7f]/g, 'x');

        expect(meaning(recheckCall(ascii.toUpperCase(), known, ciName))).toBe(
          meaning(recheckCall(ascii.toLowerCase(), known, ciName)),
        );
      }),
      often,
    );
  });

  test('means the same behind Gerrit’s header', () => {
    fc.assert(
      fc.property(header, comment, names, (line, said, known) => {
        fc.pre(!/^\s*(?:Patch Set|\()/i.test(said));

        expect(meaning(recheckCall(line + said, known, ciName))).toBe(meaning(recheckCall(said, known, ciName)));
      }),
      often,
    );
  });

  test('calls only names that are configured, and only when it begins with the word', () => {
    fc.assert(
      fc.property(comment, names, (said, known) => {
        const call = recheckCall(said, known, ciName);

        if (call.kind === 'named') expect(known.map((name) => name.toLowerCase())).toContain(call.name);
        if (call.kind !== 'none' && !said.toLowerCase().includes(`run-${ciName.toLowerCase()}`))
          expect(said.trimStart().slice(0, 7).toLowerCase()).toBe('recheck');
      }),
      often,
    );
  });

  test('never means more with fewer names', () => {
    fc.assert(
      fc.property(comment, names, (said, known) => {
        const without = recheckCall(said, [], ciName);

        if (recheckCall(said, known, ciName).kind === 'none') expect(without.kind).toBe('none');
        expect(without.kind).not.toBe('named');
      }),
      often,
    );
  });

  test('for another CI is none for this one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Za-z]{2,10} [A-Z][A-Za-z]{2,10} CI$/), text, (other, more) => {
        const said = `run-${other}\n${more.replaceAll(/run-/gi, '')}`;

        expect(recheckCall(said, [], ciName).kind).toBe('none');
      }),
    );
  });
});

test('the samples hit: all three meanings are among them', () => {
  const kinds = fc.sample(fc.tuple(comment, names), 3000).map(([said, known]) => recheckCall(said, known, ciName).kind);

  for (const kind of ['everything', 'named', 'none'])
    expect(kinds.filter((one) => one === kind).length, kind).toBeGreaterThan(100);
});

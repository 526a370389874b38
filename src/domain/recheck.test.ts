import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recheckCall, rerunWords, runCommand } from './recheck.ts';
import type { RecheckCall } from './recheck.ts';

const ciName = 'IBM z/VM CI';
const names = ['zvm', 'zvm-full', 'z/VM'];

function call(text: string): RecheckCall {
  return recheckCall(text, names, ciName);
}

describe('these comments run everything', () => {
  test.each([
    'recheck',
    'Recheck',
    'RECHECK.',
    'recheck!',
    '  recheck  ',
    '\n\nrecheck\n',
    'recheck\r\n\r\nthe cloud was down',
    'recheck bug 123',
    'recheck: timed out',
    'recheck tempest-x : intermittent bug #1234567',
    'recheck linstor',
    'recheck IBM z/VM CI',
    'recheck zvm.conf was broken',
    'Patch Set 2:\n\nrecheck',
    'Patch Set 2: Code-Review+1\n\nrecheck bug 123',
    'Patch Set 12: Code-Review+2 Workflow+1 -Verified\n\nrecheck',
    'Patch Set 2:\n\n(1 comment)\n\nrecheck',
    '(12 comments)\n\nrecheck',
    'run-IBM z/VM CI',
    'RUN-ibm Z/vm ci',
    'run-IBM z/VM CI, please',
    'run-LINBIT LINSTOR CI\nrun-IBM z/VM CI',
    '> this failed\n\nrun-IBM z/VM CI',
    'recheck zvm\nrun-IBM z/VM CI',
  ])('%j', (text) => {
    expect(call(text).kind).toBe('everything');
  });
});

describe('these comments call by name', () => {
  test.each([
    ['recheck zvm', 'zvm'],
    ['recheck ZVM', 'zvm'],
    ['recheck zvm: flaky network', 'zvm'],
    ['recheck zvm-full', 'zvm-full'],
    ['recheck z/vm bug 1', 'z/vm'],
    ['recheck-zvm', 'zvm'],
    ['recheck\tzvm.', 'zvm'],
  ])('%j calls %s', (text, name) => {
    expect(call(text)).toMatchObject({ kind: 'named', name });
  });
});

describe('these comments run nothing', () => {
  test.each([
    '',
    'please recheck',
    'I think we should\nrecheck zvm later',
    'looks good\n\nrecheck',
    '> recheck',
    '> recheck\n\nwhy did you do that?',
    '> run-IBM z/VM CI',
    'recheckfoo',
    'rechecked it, fine',
    'recheck-linstor',
    'recheck_all',
    'recheck-zvm-other',
    'run-IBM z/VM CIs',
    'run-IBM z/VM',
    'run-LINBIT LINSTOR CI',
    'Re-run: comment "run-IBM z/VM CI".',
    'Build failed (check pipeline).\n\nTo re-run: recheck',
    'Patch Set 2: I will recheck',
    'Patch Set 2: please\n\nrecheck',
    'Patch Set 2:\n\nBuild failed. To re-run: recheck',
  ])('%j', (text) => {
    expect(call(text)).toEqual({ kind: 'none' });
  });
});

test('what people typed is kept short for the reason', () => {
  expect(call(`recheck ${'x'.repeat(500)}`)).toMatchObject({ words: `recheck ${'x'.repeat(72)}` });
});

test('the command names this CI', () => {
  expect(runCommand(ciName)).toBe('run-IBM z/VM CI');
});

test('people are told to call this CI only, where that does anything', () => {
  const quiet = {
    name: 'check',
    triggers: [{ event: 'patchset-created' }],
    vote: undefined,
    priority: 0,
    isSilent: false,
  } as const;
  const loud = { ...quiet, triggers: [{ event: 'recheck', names: ['zvm'] }] } as const;

  expect(rerunWords(loud, ciName)).toBe('run-IBM z/VM CI');
  expect(rerunWords(quiet, ciName)).toBeUndefined();
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'recheck',
      'run-',
      ' ',
      '\n',
      '\t',
      '>',
      'Patch Set 1:',
      ' Code-Review+1',
      '(1 comment)',
      'zvm',
      '-',
      '_',
      '.',
    ),
    fc.string({ unit: 'binary', maxLength: 10 }),
  );

  test('with a quotation mark before each line runs nothing', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const quoted = pieces.join('').replace(/^/gm, '> ');

        expect(call(quoted).kind).toBe('none');
      }),
    );
  });

  test('behind a word runs nothing', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(call(`x ${pieces.join('').replaceAll(/run-/gi, '')}`).kind).toBe('none');
      }),
    );
  });

  test('behind a bare recheck line still runs', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(call(`recheck\n${pieces.join('')}`).kind).toBe('everything');
      }),
    );
  });
});

// Upstream's pattern needs more than the age of the universe for these. They hang the test, and so fail it, when one turns exponential.
test.each([
  ['words that look like votes', `Patch Set 1:${' Aa+-'.repeat(1_000_000)}!`],
  ['one long word', `Patch Set 1: ${'a'.repeat(4_000_000)}`],
  ['dashes', `Patch Set 1: ${'-'.repeat(4_000_000)}`],
  ['blanks', ' '.repeat(4_000_000)],
  ['blank lines behind a count', `(1 comment)${'\n '.repeat(2_000_000)}x`],
  ['punctuation behind a name', `recheck zvm${'.'.repeat(4_000_000)}`],
  ['many lines', 'run-IBM z/VM\n'.repeat(300_000)],
])('hostile length is no work: %s', (_name, text) => {
  for (let round = 0; round < 200; round++) call(text);

  expect(text.length).toBeGreaterThan(1_000_000);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readResult } from './read-result.ts';
import type { Outcome } from './vote.ts';

const link = 'https://logs.example.org/1/';

test.each<[string, string, Outcome]>([
  [
    'Zuul’s success',
    `Patch Set 2: Verified+1\n\nBuild succeeded (check pipeline).\n\n- a ${link} : SUCCESS in 1s`,
    'success',
  ],
  [
    'Zuul’s failure',
    `Patch Set 2: Verified-1\n\nBuild failed (check pipeline).\n\n- a ${link} : FAILURE in 1s`,
    'failure',
  ],
  [
    'a comment without a vote',
    `Patch Set 2:\n\nBuild failed (check pipeline).\n\n- a ${link} : FAILURE in 1s`,
    'failure',
  ],
  [
    'a machine that broke',
    `Patch Set 2:\n\nBuild failed (check pipeline).\n\n- a ${link} : NODE_FAILURE in 1s`,
    'undecided',
  ],
  [
    'a failing job that does not vote',
    `Build succeeded (check pipeline).\n- a ${link} : FAILURE in 1s (non-voting)`,
    'success',
  ],
  ['a CI with stars', `Patch Set 1:\n\n* a ${link} : FAILURE text\n* b ${link} : SUCCESS`, 'failure'],
  ['jobs alone', `* a ${link} : SUCCESS\n* b ${link} : SUCCESS`, 'success'],
  ['Jenkins', `Patch Set 1:\n\nBuild Successful \n\n${link} : SUCCESS`, 'success'],
  ['Jenkins’ failure', `Patch Set 1:\n\nBuild Failed \n\n${link}`, 'failure'],
  ['a vote alone', 'Patch Set 1: Verified-1', 'failure'],
  ['CRLF', `Patch Set 2: Verified+1\r\n\r\nBuild succeeded (check pipeline).\r\n`, 'success'],
])('%s', (_name, text, outcome) => {
  expect(readResult(text)?.outcome).toBe(outcome);
});

test.each([
  ['a recheck', 'Patch Set 2:\n\nrecheck'],
  ['the start of a run', 'Patch Set 2:\n\nBuild Started https://jenkins.example.org/1/'],
  ['a review', 'Patch Set 2: Code-Review-1\n\nBuild fails on my machine.'],
  ['a vote taken back', 'Patch Set 2: -Verified'],
  ['nothing', ''],
])('%s is no result', (_name, text) => {
  expect(readResult(text)).toBeUndefined();
});

test('jobs and pipeline are read', () => {
  const text = `Build failed (third-party-check pipeline).\n- a ${link} : SUCCESS in 1s\n- b ${link} : TIMED_OUT in 2h (non-voting)`;

  expect(readResult(text)).toMatchObject({
    pipeline: 'third-party-check',
    jobs: [
      { job: 'a', result: 'SUCCESS', voting: true },
      { job: 'b', result: 'TIMED_OUT', voting: false },
    ],
  });
});

test('any text is read, in no time', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      'Patch Set 1:',
      '\n',
      'Build ',
      'failed',
      '- ',
      '* ',
      ' : ',
      'SUCCESS',
      'x'.repeat(5000),
      '- '.repeat(2000),
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const started = performance.now();
      const result = readResult(pieces.join(''));

      expect(performance.now() - started).toBeLessThan(500);
      for (const { job } of result?.jobs ?? []) expect(job).not.toMatch(/[\p{Cc}]/u);
    }),
  );
});

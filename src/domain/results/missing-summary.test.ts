import { describe, expect, it } from 'vitest';
import { ran } from '../testing/test-results.ts';
import { missingText, summarizeMissing } from './missing-summary.ts';
import { readSelection } from './selection.ts';

const results = ran(['a.B.test_1', 'passed'], ['setUpClass (a.C)', 'failed'], ['setUpClass (a.D)', 'skipped']);
const selection = ['a.B.test_1', 'a.B.test_2', 'a.C.test_1', 'a.C.test_2', 'a.D.test_1'];

describe('the tests that did not run', () => {
  it('are counted against the selection and the last run, with what hides them', () => {
    const last = { build: 'b', tests: ['a.B.test_1', 'a.B.test_9', 'setUpClass (a.E)'] };

    expect(summarizeMissing(results, { selection, last })).toEqual({
      selected: {
        expected: 5,
        missing: 3,
        hidden: 2,
        tests: [
          { id: 'a.B.test_2', hiddenBy: undefined },
          { id: 'a.C.test_1', hiddenBy: 'setUpClass (a.C)' },
          { id: 'a.C.test_2', hiddenBy: 'setUpClass (a.C)' },
        ],
      },
      last: { build: 'b', expected: 2, missing: 1, hidden: 0, tests: [{ id: 'a.B.test_9', hiddenBy: undefined }] },
    });
  });

  it.each([
    [['a.B.test_1'], undefined],
    [['a.B.test_2'], '1 selected test did not run.'],
    [selection, '3 selected tests did not run, 2 of them hidden by a failed setUpClass.'],
    [['a.C.test_1', 'a.C.test_2'], '2 selected tests did not run, all hidden by a failed setUpClass.'],
    [['a.C.test_1'], '1 selected test did not run, hidden by a failed setUpClass.'],
  ])('are told in a sentence: %j', (selected, text) => {
    expect(missingText(summarizeMissing(results, { selection: selected, last: undefined }))).toBe(text);
  });

  it('are told of the last run where the job does not tell what it selected', () => {
    const last = { build: 'b', tests: ['a.B.test_1', 'a.B.test_9'] };

    expect(missingText(summarizeMissing(results, { selection: undefined, last }))).toBe(
      '1 test of the last run did not run.',
    );
    expect(missingText(summarizeMissing(results, { selection: ['a.B.test_1'], last }))).toBeUndefined();
  });

  it('keep few names, each short and harmless', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `\u001b[31m${'x'.repeat(900)}${index}`);

    const { selected } = summarizeMissing(results, { selection: many, last: undefined });

    expect(selected?.missing).toBe(5000);
    expect(selected?.tests).toHaveLength(100);
    expect(selected?.tests.every(({ id }) => id.length <= 600 && id.startsWith('x'))).toBe(true);
  });
});

describe('a list of selected tests', () => {
  it('is read line by line, without blanks and comments', () => {
    expect(readSelection('# all\n\na.b\r\n  a.c[id-1,smoke] \na.d')).toEqual(['a.b', 'a.c[id-1,smoke]', 'a.d']);
  });

  it('is read in bounds, whatever a job writes there', () => {
    expect(readSelection(`${'x'.repeat(100_000)}\na\n`)).toEqual(['a']);
    expect(readSelection('a\n'.repeat(200_000))).toHaveLength(50_000);
  });
});

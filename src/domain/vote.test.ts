import { describe, expect, test } from 'vitest';
import type { Result } from './verdict.ts';
import { voteFor, limitVote, strictestMode } from './vote.ts';

const rule = { label: 'Verified', success: 1, failure: -1 };

function voting(...results: readonly Result[]) {
  return results.map((result) => ({ result, voting: true }));
}

test.each<[string, readonly Result[], number | undefined]>([
  ['all successes vote success', ['SUCCESS', 'SUCCESS'], 1],
  ['one test failure votes failure', ['SUCCESS', 'FAILURE'], -1],
  ['a test failure counts beside an infra failure', ['NODE_FAILURE', 'FAILURE'], -1],
  ['an infra failure alone votes nothing', ['SUCCESS', 'NODE_FAILURE'], undefined],
  ['a job error votes nothing', ['ERROR'], undefined],
  ['a time-out votes nothing', ['TIMED_OUT', 'SUCCESS'], undefined],
  ['an aborted build votes nothing', ['ABORTED'], undefined],
  ['no build votes nothing', [], undefined],
])('%s', (_name, results, expected) => {
  expect(voteFor(rule, voting(...results))?.value).toBe(expected);
});

test('non-voting builds neither help nor harm', () => {
  const bystander = { result: 'FAILURE', voting: false } as const;

  expect(voteFor(rule, [...voting('SUCCESS'), bystander])).toEqual({ label: 'Verified', value: 1 });
  expect(voteFor(rule, [bystander])).toBeUndefined();
});

test('a pipeline without a vote never votes', () => {
  expect(voteFor(undefined, voting('SUCCESS'))).toBeUndefined();
});

test('a failure value of 0 is posted, it takes back an earlier +1', () => {
  expect(voteFor({ ...rule, failure: 0 }, voting('FAILURE'))).toEqual({ label: 'Verified', value: 0 });
});

describe('the mode of a project', () => {
  const good = { label: 'Verified', value: 1 };
  const bad = { label: 'Verified', value: -1 };
  const back = { label: 'Verified', value: 0 };

  test.each([
    ['full', good, good, false],
    ['full', bad, bad, false],
    ['confirm', good, good, false],
    ['confirm', back, back, false],
    ['confirm', bad, bad, true],
    ['positive', good, good, false],
    ['positive', bad, back, false],
    ['none', good, undefined, false],
    ['none', bad, undefined, false],
    ['full', undefined, undefined, false],
    ['confirm', undefined, undefined, false],
  ] as const)('%s makes of %o the vote %o, held: %o', (mode, vote, expected, isHeld) => {
    expect(limitVote(vote, mode)).toEqual({ vote: expected, isHeld });
  });

  test('is the most careful of all entries that match', () => {
    expect(strictestMode(['full', 'positive', 'confirm'])).toBe('positive');
    expect(strictestMode(['full', 'confirm'])).toBe('confirm');
    expect(strictestMode(['full', 'none'])).toBe('none');
    expect(strictestMode([])).toBe('full');
  });
});

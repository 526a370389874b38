import { describe, expect, test } from 'vitest';
import { earlyFailureOf, failsAlike, sameEarlyFailure } from './early-failure.ts';
import type { EarlyFailure, EarlyPeer } from './early-failure.ts';
import type { EndedJob } from './verdict.ts';

const stack: EndedJob = { kind: 'exited', status: 1, phase: 'stack' };

/** Of a job that failed in its phase `stack` with this at the end of its console. */
function failure(end: string, job: EndedJob = stack): EarlyFailure {
  const ours = earlyFailureOf(job, undefined, end);
  if (!ours) throw new Error('it is no failure before the tests');
  return ours;
}

describe('a failure before the tests', () => {
  test.each<[string, EndedJob]>([
    ['of a job that ended well', { ...stack, status: 0 }],
    ['of changes that do not merge', { ...stack, status: 93 }],
    ['of a job whose phase is not known', { kind: 'exited', status: 1 }],
    ['of a lost server', { kind: 'lost', phase: 'stack' }],
    ['of a full disk', { kind: 'disk-full', phase: 'stack' }],
  ])('is none %s', (_, job) => {
    expect(earlyFailureOf(job, undefined, 'error')).toBeUndefined();
  });

  test('is none once a test has run', () => {
    expect(earlyFailureOf(stack, { passed: 0, failed: 0, skipped: 1 }, 'error')).toBeUndefined();
    expect(earlyFailureOf(stack, { passed: 0, failed: 0, skipped: 0 }, 'error')).toBeDefined();
  });

  test('is known by the last errors, whatever is printed behind them', () => {
    const end = 'Error one\nError two\nFatal three\nE: four\ncannot five\nno such six\nError on exit\nworld dumped\n';

    expect(failure(end).lines).toEqual(['Fatal three', 'E: four', 'cannot five', 'no such six', 'Error on exit']);
  });

  test('is known by the last lines where none is called an error', () => {
    expect(failure('one\ntwo\n\nthree\nfour\n').lines).toEqual(['two', 'three', 'four']);
  });

  test('is known without what differs from run to run', () => {
    const one =
      '2026-11-27 13:00:01.123 | E: Failed to fetch http://10.0.0.7/pool/tmp.Ab3dE f0a1b2c3d4 4f6c1d1e-aaaa-bbbb-cccc-00aa11bb22cc ******';
    const other =
      '2026-11-28 03:10:59.004 | E: Failed to fetch http://10.0.0.12/pool/tmp.xYz9Q 00112233ff 00000000-dddd-eeee-ffff-ffffffffffff *********';

    expect(failure(one).lines).toEqual(failure(other).lines);
  });

  test('is bounded, whatever a test server prints', () => {
    const hostile = `${'error '.repeat(1_000_000)}\n\u001b[31m${'a'.repeat(1_000_000)}`;

    const { lines } = failure(hostile);

    expect(lines.length).toBeLessThanOrEqual(5);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(200);
  });

  test('of an empty console is like no other', () => {
    expect(failsAlike(failure(''), failure('\n\n'))).toBe(false);
  });
});

describe('two failures before the tests are', () => {
  const ours = failure('[ERROR] stack.sh:227 no keystone\nError on exit\n');

  test.each<[string, boolean, EarlyFailure]>([
    ['the same with the same errors', true, failure('[ERROR] stack.sh:9 no keystone\nError on exit\nbye\n')],
    ['not with one of them alone', false, failure('[ERROR] stack.sh:227 no glance\nError on exit\n')],
    ['not in another phase', false, { ...ours, phase: 'fetch' }],
    ['not with another status', false, { ...ours, how: 'exited 2' }],
    [
      'not when one timed out',
      false,
      failure('[ERROR] stack.sh:227 no keystone', { kind: 'timed-out', phase: 'stack' }),
    ],
  ])('%s', (_, alike, theirs) => {
    expect(failsAlike(ours, theirs)).toBe(alike);
  });
});

describe('the same failure before the tests', () => {
  const ours = failure('E: Failed to fetch\n');
  const peer = (name: string, own: Partial<EarlyPeer> = {}): EarlyPeer => ({
    name,
    running: false,
    failure: ours,
    ...own,
  });

  test('names the changes once', () => {
    const peers = [peer('7,1'), peer('8,2', { failure: failure('E: other') }), peer('7,1'), peer('9,1')];

    expect(sameEarlyFailure(ours, peers)).toBe('7,1, 9,1');
  });

  test('is none of one build alone', () => {
    expect(sameEarlyFailure(ours, [])).toBeUndefined();
    expect(sameEarlyFailure(ours, [peer('7,1', { failure: undefined, running: true })])).toBeUndefined();
  });
});

import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Evidence } from './judge.ts';
import { nameCause } from './name-cause.ts';
import type { Signature } from './signatures/signature.ts';

const failing: Evidence = {
  cancelReason: undefined,
  infra: undefined,
  end: { kind: 'exited', status: 1 },
  phase: 'tempest',
  tests: { passed: 8, failed: 1, skipped: 1 },
  failedTests: ['test_create'],
  unfinished: 0,
  testsIntact: true,
  testsExpected: true,
  outage: undefined,
  sameFailure: undefined,
};
const full: Signature = {
  id: 'disk-full',
  title: 'A disk is full',
  cause: 'disk',
  logs: ['*'],
  all: [],
  any: [],
  tests: undefined,
  bug: 'https://bugs.example.org/1',
  retry: undefined,
};
const hits = [{ signature: 'disk-full', log: 'job-output.txt', lines: [{ line: 7, text: 'No space left' }] }];
const lines = [{ log: undefined, line: undefined, text: 'failed: test_create' }];

test('a signature of infrastructure takes the blame from the change, and says what shows it', () => {
  const verdict = nameCause(judge(failing), { signatures: [full], hits, lines });

  expect(verdict).toMatchObject({
    result: 'NODE_FAILURE',
    errorCode: 'known-trouble',
    reason: 'A disk is full. 1 of 9 tests failed.',
    cause: {
      kind: 'disk',
      otherwise: 'patch',
      retry: true,
      signature: { id: 'disk-full', bug: 'https://bugs.example.org/1' },
      lines: [{ log: 'job-output.txt', line: 7, text: 'No space left' }],
    },
  });
});

test('a signature may say that another attempt does not help', () => {
  const verdict = nameCause(judge(failing), { signatures: [{ ...full, retry: false }], hits, lines });

  expect(verdict.cause?.retry).toBe(false);
});

test('without a signature the cause is what was judged, with the lines that show it', () => {
  const verdict = nameCause(judge(failing), { signatures: [full], hits: [], lines });

  expect(verdict).toMatchObject({ result: 'FAILURE', cause: { kind: 'patch', signature: undefined, lines } });
});

test('a good build has no cause, whatever is in its logs', () => {
  const good = judge({ ...failing, end: { kind: 'exited', status: 0 }, tests: { passed: 9, failed: 0, skipped: 0 } });

  expect(nameCause(good, { signatures: [full], hits, lines })).toEqual(good);
  expect(good).toMatchObject({ result: 'SUCCESS', cause: undefined });
});

import { describe, expect, test } from 'vitest';
import type { Cause } from './cause.ts';
import { judge } from './judge.ts';
import type { Evidence } from './judge.ts';
import type { Result } from './verdict.ts';

const good: Evidence = {
  cancelReason: undefined,
  infra: undefined,
  end: { kind: 'exited', status: 0 },
  tests: { passed: 9, failed: 0, skipped: 1 },
  failedTests: [],
  unfinished: 0,
  testsIntact: true,
  testsExpected: true,
  outage: undefined,
  sameFailure: undefined,
};
const failing = {
  tests: { passed: 8, failed: 1, skipped: 1 },
  failedTests: ['test_create'],
  end: { kind: 'exited', status: 1 },
} as const;
const early = { tests: undefined, end: { kind: 'exited', status: 2 }, phase: 'stack' } as const;
const failingTip = { tip: 'master at 0a1b2c3', failing: ['test_create'], unsteady: [] };

describe('the verdict', () => {
  test.each<[string, Partial<Evidence>, Result]>([
    ['all tests passed', {}, 'SUCCESS'],
    ['a test failed', failing, 'FAILURE'],
    ['a test failed although the job ended with 0', { ...failing, end: { kind: 'exited', status: 0 } }, 'FAILURE'],
    ['a test failed while the back end was out of order', { ...failing, outage: 'SMAPI down' }, 'NODE_FAILURE'],
    [
      'the job failed before its tests while the back end was out of order',
      { end: { kind: 'exited', status: 2 }, tests: undefined, outage: 'SMAPI down' },
      'NODE_FAILURE',
    ],
    ['a test failed as in builds of other changes', { ...failing, sameFailure: '7,1' }, 'NODE_FAILURE'],
    ['all tests passed although the back end was out of order', { outage: 'SMAPI down' }, 'SUCCESS'],
    ['the job failed without a failed test', { end: { kind: 'exited', status: 2 } }, 'ERROR'],
    ['the job failed before its tests', { end: { kind: 'exited', status: 2 }, tests: undefined }, 'ERROR'],
    ['no test ran', { tests: { passed: 0, failed: 0, skipped: 0 } }, 'ERROR'],
    ['the result file is missing', { tests: undefined }, 'ERROR'],
    ['the result file is damaged', { testsIntact: false }, 'ERROR'],
    ['the job reports no tests', { testsExpected: false, tests: undefined }, 'SUCCESS'],
    ['a test never finished', { ...failing, unfinished: 1, testsIntact: false }, 'ERROR'],
    [
      'one test failed and another never finished',
      { ...failing, tests: { passed: 1, failed: 2, skipped: 0 }, unfinished: 1 },
      'FAILURE',
    ],
    ['the job took too long', { ...failing, end: { kind: 'timed-out' } }, 'TIMED_OUT'],
    ['the runner vanished', { end: { kind: 'lost' } }, 'NODE_FAILURE'],
    ['the disk was full', { ...failing, end: { kind: 'disk-full' } }, 'NODE_FAILURE'],
    ['the server was rebooted', { ...failing, end: { kind: 'rebooted' } }, 'NODE_FAILURE'],
    ['the kernel panicked', { ...failing, end: { kind: 'panicked' } }, 'NODE_FAILURE'],
    [
      'tests failed after the kernel had killed a process',
      { ...failing, end: { kind: 'out-of-memory' } },
      'NODE_FAILURE',
    ],
    ['the runner was stopped', { ...failing, end: { kind: 'silent' } }, 'NODE_FAILURE'],
    [
      'the server never booted',
      { infra: { code: 'server-boot-timeout', detail: 'no address' }, end: undefined },
      'NODE_FAILURE',
    ],
    ['the changes do not merge', { end: { kind: 'exited', status: 93 }, tests: undefined }, 'MERGE_CONFLICT'],
    [
      'the changes do not merge while the back end is out of order',
      { end: { kind: 'exited', status: 93 }, tests: undefined, outage: 'SMAPI down' },
      'MERGE_CONFLICT',
    ],
    [
      'what the job carries does not merge',
      { end: { kind: 'exited', status: 94 }, tests: undefined, carried: 'openstack/nova 7,1' },
      'NODE_FAILURE',
    ],
    ['tests passed on something else', { notTested: 'nova is on another commit' }, 'NODE_FAILURE'],
    ['tests failed on something else', { ...failing, notTested: 'nova is on another commit' }, 'NODE_FAILURE'],
    [
      'a job that carries nothing ends with the status of it',
      { end: { kind: 'exited', status: 94 }, tests: undefined },
      'ERROR',
    ],
    [
      'a job that has run tests ends with the status of it',
      { ...failing, end: { kind: 'exited', status: 94 }, carried: 'openstack/nova 7,1' },
      'FAILURE',
    ],
    ['a job that has run tests ends with that status', { ...failing, end: { kind: 'exited', status: 93 } }, 'FAILURE'],
    ['it was cancelled', { ...failing, cancelReason: 'Patchset 2 came.' }, 'ABORTED'],
  ])('when %s', (_, evidence, result) => {
    expect(judge({ ...good, ...evidence }).result).toBe(result);
  });

  test('names the code of an infra failure and counts the failed tests in its reason', () => {
    const infra = judge({ ...good, end: undefined, infra: { code: 'cloud-quota', detail: 'cores' } });
    const failure = judge({ ...good, ...failing });

    expect(infra.errorCode).toBe('cloud-quota');
    expect(failure.reason).toBe('1 of 9 tests failed.');
    expect(failure.failedTests).toEqual(['test_create']);
  });

  test.each<[string, Partial<Evidence>, Cause | undefined]>([
    ['all tests passed', {}, undefined],
    ['a test failed', failing, 'patch'],
    ['a test failed while the back end was out of order', { ...failing, outage: 'SMAPI down' }, 'backend'],
    ['a test failed as in builds of other changes', { ...failing, sameFailure: '7,1' }, 'lab-wide'],
    ['the job failed before its tests as others did', { ...early, sameFailure: '7,1' }, 'lab-wide'],
    ['the job took too long as others did', { ...early, end: { kind: 'timed-out' }, sameFailure: '7,1' }, 'lab-wide'],
    [
      'the job failed before its tests as the branch had done',
      { ...early, branchFailure: 'master at 0a1b2c3' },
      'branch',
    ],
    ['the job took too long as on the branch', { end: { kind: 'timed-out' }, branchFailure: 'master' }, 'branch'],
    ['that happened with the back end out of order', { ...early, branchFailure: 'master', outage: 'down' }, 'backend'],
    ['the disk was full as others were', { ...early, end: { kind: 'disk-full' }, sameFailure: '7,1' }, 'disk'],
    ['the tests fail on the branch too', { ...failing, baseline: failingTip }, 'branch'],
    ['the branch is well', { ...failing, baseline: { ...failingTip, failing: [] } }, 'patch'],
    [
      'not all failed tests are known by name',
      { ...failing, tests: { passed: 1, failed: 300, skipped: 0 }, baseline: failingTip },
      'patch',
    ],
    ['stack.sh failed', { end: { kind: 'exited', status: 2 }, tests: undefined, phase: 'stack' }, 'devstack'],
    ['another phase failed', { end: { kind: 'exited', status: 2 }, tests: undefined, phase: 'provision' }, 'job'],
    ['no test ran', { tests: { passed: 0, failed: 0, skipped: 0 } }, 'job'],
    ['the job took too long', { end: { kind: 'timed-out' } }, 'timeout'],
    ['the runner vanished', { end: { kind: 'lost' } }, 'server'],
    ['the disk was full', { end: { kind: 'disk-full' } }, 'disk'],
    ['the quota was used up', { infra: { code: 'cloud-quota', detail: '' }, end: undefined }, 'cloud'],
    ['SSH broke', { infra: { code: 'ssh-unreachable', detail: '' }, end: undefined }, 'network'],
    ['it was cancelled', { cancelReason: 'Patchset 2 came.' }, 'cancelled'],
    ['the changes do not merge', { end: { kind: 'exited', status: 93 }, tests: undefined }, 'merge-conflict'],
  ])('names the cause when %s', (_, evidence, cause) => {
    expect(judge({ ...good, ...evidence }).cause?.kind).toBe(cause);
  });

  test('tells apart what happened to the test server, each with a sentence and a code of its own', () => {
    const kinds = ['lost', 'rebooted', 'panicked', 'out-of-memory', 'silent'] as const;
    const verdicts = kinds.map((kind) => judge({ ...good, ...failing, end: { kind }, phase: 'tempest' }));

    expect(verdicts.map(({ cause }) => cause?.kind)).toEqual(kinds.map(() => 'server'));
    expect(verdicts.map(({ errorCode, reason }) => `${errorCode}: ${reason}`)).toEqual([
      'job-lost: The job vanished from the test server without an exit status.',
      'server-rebooted: The test server was rebooted in the middle of the job, in phase tempest.',
      'server-panicked: The test server stopped with a panic of its kernel, in phase tempest.',
      'server-out-of-memory: The job failed after the kernel of the test server had killed a process for want of memory, in phase tempest.',
      'job-silent: The job gave no sign of life, though its test server answers, in phase tempest.',
    ]);
  });

  test('says in which phase a job ran out of time, or failed', () => {
    const late = judge({ ...good, end: { kind: 'timed-out' }, phase: 'stack' });
    const broken = judge({ ...good, end: { kind: 'exited', status: 2 }, tests: undefined, phase: 'stack' });

    expect(late.reason).toBe('The job took longer than its limit, in phase stack.');
    expect(broken.reason).toBe('The job ended with status 2 without a failed test, in phase stack.');
  });
});

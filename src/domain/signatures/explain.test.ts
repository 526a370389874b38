import { describe, expect, test } from 'vitest';
import type { Cause } from '../cause.ts';
import { explain } from './explain.ts';
import type { Signature } from './signature.ts';

function signature(cause: Cause, over: Partial<Signature> = {}): Signature {
  const none = { logs: [], all: [], any: [], tests: undefined, bug: undefined, retry: undefined };
  return { id: cause, title: cause, cause, ...none, ...over };
}

/** Ids of what explains a build with this cause where all of these were found. */
function explained(
  cause: Cause,
  found: readonly Signature[],
  failedTests: readonly string[] = [],
  failed = failedTests.length,
) {
  const hits = found.map(({ id }) => ({ signature: id, log: 'x', lines: [] }));
  return explain({ cause, failedTests, failed }, hits, found)?.id;
}

const reboot = signature('backend', { id: 'reboot', tests: ['*reboot*'] });
const console = signature('backend', { id: 'console', tests: ['*console*'] });

describe('failed tests', () => {
  test.each<[string, readonly Signature[], readonly string[], string | undefined]>([
    ['by nothing found', [], ['a'], undefined],
    ['by infrastructure', [signature('disk')], ['a', 'b'], 'disk'],
    ['by flaky tests', [signature('flaky')], ['a'], 'flaky'],
    ['not by what they had got over', [signature('mirror'), signature('devstack')], ['a'], undefined],
    ['by such that names them', [signature('mirror', { tests: ['a'] })], ['a'], 'mirror'],
    ['by one that names all of them', [reboot], ['test_reboot_hard', 'test_reboot_soft'], 'reboot'],
    ['not by one that names some of them', [reboot], ['test_reboot_hard', 'test_create'], undefined],
    ['by two that name them together', [reboot, console], ['test_reboot_hard', 'test_console'], 'console'],
    ['by infrastructure before flaky tests', [signature('flaky'), signature('network')], ['a'], 'network'],
    ['as the fault of the driver', [signature('patch')], ['a'], 'patch'],
    ['by infrastructure before the driver', [signature('patch'), signature('disk')], ['a'], 'disk'],
    ['as the driver’s where other signatures leave some', [signature('patch'), reboot], ['test_reboot', 'a'], 'patch'],
  ])('are explained %s', (_, found, failedTests, id) => {
    expect(explained('patch', found, failedTests)).toBe(id);
  });

  test('that are not all known by name are not explained by name', () => {
    expect(explained('patch', [reboot], ['test_reboot'], 2)).toBeUndefined();
  });
});

describe('a build without failed tests', () => {
  test.each<[Cause, readonly Signature[], string | undefined]>([
    ['job', [signature('mirror')], 'mirror'],
    ['job', [signature('devstack'), signature('disk')], 'disk'],
    ['devstack', [signature('mirror')], 'mirror'],
    ['timeout', [signature('mirror')], 'mirror'],
    ['job', [signature('patch')], undefined],
    ['job', [reboot], undefined],
    ['server', [signature('server', { id: 'panic' }), signature('devstack')], 'panic'],
    ['network', [signature('server')], 'server'],
    ['server', [signature('mirror')], undefined],
    ['backend', [signature('mirror'), signature('disk')], undefined],
    ['backend', [signature('backend')], 'backend'],
    ['cloud', [signature('flaky')], undefined],
    ['lab-wide', [signature('mirror'), signature('devstack')], 'mirror'],
    ['lab-wide', [signature('devstack')], undefined],
    ['cancelled', [signature('disk')], undefined],
    ['merge-conflict', [signature('mirror')], undefined],
    ['service', [signature('disk')], undefined],
  ])('that failed of %s is explained by what was found', (cause, found, id) => {
    expect(explained(cause, found)).toBe(id);
  });
});

test('failed tests that are the lab’s are explained by nothing else', () => {
  expect(explained('lab-wide', [signature('disk')], ['a'])).toBeUndefined();
});

test('the order in which they were found makes no difference', () => {
  const found = [signature('disk', { id: 'b' }), signature('disk', { id: 'a' }), signature('network')];

  expect(explained('job', found)).toBe(explained('job', found.toReversed()));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alsoFailing, excuse } from './baseline.ts';

const tip = 'master at 0a1b2c3';

test.each([
  { what: 'the same tests fail on the branch', failed: ['a', 'b'], failing: ['a', 'b', 'c'], cause: 'branch' },
  { what: 'one fails there now and then', failed: ['a', 'b'], failing: ['a'], unsteady: ['b'], cause: 'flaky' },
  { what: 'all fail there now and then', failed: ['b'], failing: [], unsteady: ['b', 'c'], cause: 'flaky' },
  { what: 'one fails here alone', failed: ['a', 'new'], failing: ['a'], unsteady: ['b'], cause: undefined },
  { what: 'one passed when run again', failed: ['a', 'b'], failing: ['a'], again: ['b'], cause: 'flaky' },
  { what: 'one passed when run again, one fails here alone', failed: ['a', 'b'], failing: [], again: ['b'] },
  { what: 'nothing failed', failed: [], failing: ['a'], cause: undefined },
  { what: 'the branch is well', failed: ['a'], failing: [], cause: undefined },
])('$what: $cause', ({ again, cause, failed, failing, unsteady = [] }) => {
  expect(excuse(failed, { tip, failing, unsteady }, again)?.cause).toBe(cause);
});

test('says how many fail on which tip', () => {
  const baseline = { tip, failing: ['a', 'b'], unsteady: ['c'] };

  expect(excuse(['a', 'b'], baseline)?.why).toBe('All of them fail on master at 0a1b2c3 too.');
  expect(excuse(['a'], baseline)?.why).toBe('It fails on master at 0a1b2c3 too.');
  expect(alsoFailing(['a', 'x'], baseline)).toBe('1 of them fails on master at 0a1b2c3 too.');
  expect(alsoFailing(['x'], baseline)).toBeUndefined();
});

test('a test that never failed on the branch is never excused', () => {
  const names = fc.uniqueArray(fc.string(), { maxLength: 5 });
  fc.assert(
    fc.property(names, names, names, fc.string(), (failed, failing, unsteady, own) => {
      fc.pre(!failing.includes(own) && !unsteady.includes(own));
      expect(excuse([...failed, own], { tip, failing, unsteady })).toBeUndefined();
    }),
  );
});

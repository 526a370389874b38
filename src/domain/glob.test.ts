import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatches } from './glob.ts';

test.each([
  ['master', 'master', true],
  ['master', 'masters', false],
  ['stable/*', 'stable/2026.1', true],
  ['stable/*', 'unstable/2026.1', false],
  ['openstack/*', 'openstack/nova', true],
  ['*', '', true],
  ['*/nova*', 'openstack/nova-specs', true],
  ['a*b*c', 'aXbXbXc', true],
  ['a.c', 'abc', false],
  ['', '', true],
  ['', 'x', false],
])('pattern %s and %s: %s', (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test('it agrees with the regular expression of the same meaning', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });

  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      expect(globMatches(glob, candidate)).toBe(new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(candidate));
    }),
  );
});

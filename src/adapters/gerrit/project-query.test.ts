import { expect, it } from 'vitest';
import { changesQuery } from './project-query.ts';

const since = Date.UTC(2026, 10, 22, 15, 4, 32);

it('asks for exact names, prefixes and patterns', () => {
  const query = changesQuery(['openstack/nova', 'openstack/nova*', 'openstack/*-zvm', '*/zvm.driver+'], since);

  expect(query).toBe(
    '(project:"openstack/nova" OR projects:"openstack/nova" OR projects:"openstack/" OR project:"^.*/zvm[.]driver[+]") after:"2026-11-22 15:04:32 +0000"',
  );
});

it.each(['a" OR owner:self OR project:"b', 'a\\', '{a}', 'a\nb', '*^'])(
  'refuses %j, which could mean something else',
  (project) => {
    expect(() => changesQuery([project], since)).toThrow('cannot be searched for');
  },
);

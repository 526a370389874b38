import { describe, expect, test } from 'vitest';
import { chooseArtifacts, maxArtifactSize, searchedFolders } from './artifacts.ts';
import type { ArtifactRule } from './artifacts.ts';
import { fixedFolder, pathMatches } from './path-glob.ts';

test.each([
  ['a.log', 'a.log', true],
  ['*.log', 'a.log', true],
  ['*.log', 'folder/a.log', false],
  ['**/*.log', 'a.log', true],
  ['**/*.log', 'one/two/a.log', true],
  ['one/**', 'one/two/a.log', true],
  ['one/', 'one/two/a.log', true],
  ['one/', 'one', true],
  ['one/**/a.log', 'one/a.log', true],
  ['one/**/a.log', 'one/two/three/a.log', true],
  ['one/**/a.log', 'one/two/three/b.log', false],
  ['**/a/**/a/*', 'a/b/a/c', true],
  ['**', 'anything/at.all', true],
  ['one', 'one/two', false],
  ['on*/t*o', 'one/two', true],
  ['/var/log/*.log', '/var/log/a.log', true],
  ['/var/**', '/var/log/a.log', true],
])('%s matches %s: %s', (pattern, path, matches) => {
  expect(pathMatches(pattern, path)).toBe(matches);
});

test('a pattern made to be slow is not', () => {
  const path = `${'a/'.repeat(200)}b`;
  const started = performance.now();

  const answer = pathMatches(`${'**/a/'.repeat(100)}c`, path);

  expect(answer).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

test.each([
  ['/var/log/syslog', '/var/log'],
  ['/var/log/*.log', '/var/log'],
  ['/var/*/a.log', '/var'],
  ['/var/log/', '/var/log'],
])('what matches %s lies in %s', (pattern, folder) => {
  expect(fixedFolder(pattern)).toBe(folder);
});

const rule = (parts: Partial<ArtifactRule>): ArtifactRule => ({
  paths: ['**'],
  maxSize: maxArtifactSize,
  when: 'always',
  to: 'controller/logs',
  ...parts,
});

const targetsOf = (rules: readonly ArtifactRule[], hasFailed: boolean, ...paths: readonly string[]) =>
  chooseArtifacts(
    paths.map((path) => ({ path, size: 1 })),
    rules,
    hasFailed,
  ).chosen.map(({ to }) => to);

describe('artifacts', () => {
  test('are all that is in the folder where no rule says otherwise', () => {
    expect(targetsOf([], false, 'a.log', 'b/c.txt')).toEqual(['a.log', 'b/c.txt']);
  });

  test('are decided by the first rule that matches, and come in the order of the rules', () => {
    const rules = [
      rule({ paths: ['important/**'] }),
      rule({ paths: ['debug/**'], when: 'failure' }),
      rule({ paths: ['**/*.ok'], when: 'success' }),
      rule({ paths: ['**/*.tmp', 'important/**'], when: 'never' }),
    ];
    const found = ['a.log', 'debug/a.tmp', 'x/a.tmp', 'a.ok', 'important/a.tmp'];

    expect(targetsOf(rules, false, ...found)).toEqual(['important/a.tmp', 'a.ok', 'a.log']);
    expect(targetsOf(rules, true, ...found)).toEqual(['important/a.tmp', 'debug/a.tmp', 'a.log']);
  });

  test('from elsewhere need a rule of their own, and keep what is behind its fixed part', () => {
    const rules = [
      rule({ paths: ['/var/log/syslog', '/opt/stack/logs/**'] }),
      rule({ paths: ['/etc/*/*.conf'], to: 'etc' }),
    ];
    const found = ['/var/log/syslog', '/var/log/auth.log', '/opt/stack/logs/a/b.txt', '/etc/nova/nova.conf'];

    expect(targetsOf(rules, false, ...found)).toEqual([
      'controller/logs/syslog',
      'controller/logs/a/b.txt',
      'etc/nova/nova.conf',
    ]);
    expect(targetsOf([rule({ paths: ['**'] })], false, ...found)).toEqual([]);
  });

  test('that are too long are cut where they may be text; of two with the same name the second is told', () => {
    const rules = [rule({ paths: ['**', '/a/*', '/b/*'], maxSize: 100 })];
    const found = ['a.log', 'a.tar.gz', '/a/x', '/b/x'].map((path) => ({ path, size: 101 }));

    const { chosen, leftOut } = chooseArtifacts(found, rules, false);

    expect(chosen.map(({ limit, to }) => [to, limit])).toEqual([
      ['a.log', 100],
      ['controller/logs/x', 100],
    ]);
    expect(leftOut).toEqual([
      'a.tar.gz: 101 bytes are more than 100, and its end alone cannot be read',
      '/b/x: another file is controller/logs/x already',
    ]);
  });

  test('are looked for where rules say, no deeper than they may be', () => {
    const paths = ['relative/**', '/one/file', '/one/*.log', '/one/*/deep/*.log', '/one/**/x', '/one/two/'];

    expect(searchedFolders([rule({ paths }), rule({ paths: ['/never'], when: 'never' })])).toEqual([
      { path: '/one/file', depth: 0 },
      { path: '/one', depth: 1 },
      { path: '/one', depth: 3 },
      { path: '/one', depth: 20 },
      { path: '/one/two', depth: 20 },
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { filterByFiles, raiseOf } from './file-rules.ts';
import type { FileRules, ProjectSettings } from './settings.ts';

const none: FileRules = { only: undefined, skip: undefined, urgent: undefined };

function entryWith(rules: Partial<FileRules> | undefined): ProjectSettings {
  return { fileRules: rules && { ...none, ...rules } } as unknown as ProjectSettings;
}

function reason(rules: Partial<FileRules> | undefined, files: readonly string[]): string {
  return filterByFiles([entryWith(rules)], files).reason;
}

describe('each preset', () => {
  test.each([
    ['docs', 'README.rst'],
    ['docs', 'doc/source/index.rst'],
    ['docs', 'doc/requirements.txt'],
    ['docs', 'api-ref/source/servers.inc'],
    ['docs', 'api-guide/source/conf.py'],
    ['release-notes', 'releasenotes/notes/zvm-1234.yaml'],
    ['unit-tests', 'nova/tests/unit/virt/zvm/test_driver.py'],
    ['unit-tests', 'tests/unit/test_x.py'],
    ['translations', 'nova/locale/de/LC_MESSAGES/nova.po'],
    ['git', '.gitignore'],
    ['git', '.gitreview'],
    ['git', '.pre-commit-config.yaml'],
  ])('%s covers %s', (preset, file) => {
    expect(reason({ skip: [preset] }, [file])).toBe(`it touches only what needs no test here: ${preset}.`);
  });

  test.each([
    ['docs', 'nova/doc/driver.py'],
    ['docs', 'docs.py'],
    ['release-notes', 'nova/releasenotes.py'],
    ['unit-tests', 'nova/tests/functional/test_x.py'],
    ['unit-tests', 'nova/virt/zvm/driver.py'],
    ['git', 'nova/.gitignore'],
  ])('%s does not cover %s', (preset, file) => {
    expect(reason({ skip: [preset] }, [file])).toBe('');
  });
});

test('one file that may matter is enough to run', () => {
  expect(reason({ skip: ['docs'] }, ['doc/a.txt', 'nova/virt/zvm/driver.py'])).toBe('');
});

test('the reason names the rules that were met, patterns too', () => {
  expect(reason({ skip: ['docs', 'git', 'tools/*'] }, ['doc/a.txt', 'tools/x.sh'])).toBe(
    'it touches only what needs no test here: docs, tools/*.',
  );
});

test('where only some files are wanted, one of them must be touched', () => {
  const rules = { only: ['nova/virt/*', 'nova/compute/*'] };

  expect(reason(rules, ['nova/virt/zvm/driver.py', 'setup.cfg'])).toBe('');
  expect(reason(rules, ['setup.cfg'])).toBe('it touches no file that is tested here.');
});

test('a patchset without files, such as a merge, is not known to be harmless', () => {
  expect(reason({ only: ['nova/*'], skip: ['docs'] }, [])).toBe('');
});

test('an entry without rules lets everything through beside one with rules', () => {
  const free = entryWith(undefined);

  expect(filterByFiles([entryWith({ skip: ['docs'] }), free], ['doc/a.txt']).passed).toEqual([free]);
});

test('a file that makes it urgent raises the priority, the most that an entry gives', () => {
  const some = entryWith({ urgent: { files: ['nova/virt/*'], raise: 5 } });
  const more = entryWith({ urgent: { files: ['nova/virt/zvm/**'], raise: 50 } });

  expect(raiseOf([some, more], ['doc/a', 'nova/virt/zvm/driver.py'])).toBe(50);
  expect(raiseOf([some, more], ['nova/virt/driver.py'])).toBe(5);
  expect(raiseOf([some, more], ['nova/api/x.py'])).toBe(0);
  expect(raiseOf([entryWith(undefined)], ['nova/virt/zvm/driver.py'])).toBe(0);
});

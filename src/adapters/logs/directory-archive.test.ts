import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogArchive } from '../../ports/log-archive.ts';
import { createDirectoryArchive } from './directory-archive.ts';

const refused = expect.objectContaining({ code: 'path-refused' });
let home: string;
let root: string;
let archive: LogArchive;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sidegate-archive-'));
  root = join(home, 'logs');
  archive = createDirectoryArchive(root);
});

afterEach(() => rm(home, { recursive: true }));

describe('an archive in a directory', () => {
  test('grows a file part by part', async () => {
    await archive.writeAt('01/1/console', 0, Buffer.from('one '));
    await archive.writeAt('01/1/console', 4, Buffer.from('two'));

    expect(await readFile(join(root, '01/1/console'), 'utf8')).toBe('one two');
    expect(await archive.size('01/1/console')).toBe(7);
  });

  test('changes nothing when the same part is written twice', async () => {
    await archive.writeAt('console', 0, Buffer.from('one two'));

    await archive.writeAt('console', 0, Buffer.from('one '));

    expect(await readFile(join(root, 'console'), 'utf8')).toBe('one two');
  });

  test('refuses to leave a hole', async () => {
    await archive.writeAt('console', 0, Buffer.from('one'));

    const write = archive.writeAt('console', 4, Buffer.from('two'));

    await expect(write).rejects.toMatchObject({ code: 'log-gap' });
  });

  test('replaces a whole file and leaves no part of the writing behind', async () => {
    await archive.write('a/file', 'long content');

    await archive.write('a/file', Buffer.from('short'));

    expect(await readFile(join(root, 'a/file'), 'utf8')).toBe('short');
    expect(await readdir(join(root, 'a'))).toEqual(['file']);
  });

  test('reads a part, up to the end', async () => {
    await archive.write('file', '0123456789');

    expect(String(await archive.read('file', 3, 4))).toBe('3456');
    expect(String(await archive.read('file', 8, 100))).toBe('89');
    expect(String(await archive.read('file', 50, 10))).toBe('');
  });

  test('answers nothing for what is not there', async () => {
    expect(await archive.size('gone')).toBe(0);
    expect(String(await archive.read('gone/too', 0, 10))).toBe('');
    expect(await archive.list('gone/')).toEqual([]);
  });

  test('lists files of all folders below, with paths that can be read', async () => {
    await archive.write('01/1/b.txt', 'bb');
    await archive.write('01/1/deep/er/a.txt', 'a');
    await archive.write('02/other', 'x');
    await writeFile(join(root, '01/1/.hidden'), 'x');

    const files = await archive.list('01/1/');

    expect(files).toEqual([
      { path: '01/1/b.txt', size: 2, modified: expect.any(Number) },
      { path: '01/1/deep/er/a.txt', size: 1, modified: expect.any(Number) },
    ]);
  });
});

describe('a folder that is removed', () => {
  test('takes empty folders above it along, and nothing else', async () => {
    await archive.write('45/1/job/a/deep/log', 'x');
    await archive.write('45/1/job/b/log', 'x');

    await archive.remove('45/1/job/a/');
    const first = await archive.list('45');
    await archive.remove('45/1/job/b/');
    await archive.remove('45/1/job/b/');

    expect(first.map(({ path }) => path)).toEqual(['45/1/job/b/log']);
    expect(await readdir(root)).toEqual([]);
  });

  test('is never outside, nor all of it', async () => {
    await archive.write('a/log', 'x');
    await mkdir(join(home, 'outside'));
    await symlink(join(home, 'outside'), join(root, 'link'));

    for (const path of ['', '/', '..', 'a/../..', 'link']) await expect(archive.remove(path)).rejects.toEqual(refused);

    expect(await readdir(home)).toContain('outside');
    expect(await archive.size('a/log')).toBe(1);
  });
});

describe('an archive with hostile names and links', () => {
  test.each(['../out', '/etc/passwd', 'a/../../out', 'a\0b', 'a//b', '', `${'x'.repeat(300)}`])(
    'refuses the path %j for reading and writing',
    async (path) => {
      await expect(archive.write(path, 'x')).rejects.toEqual(refused);
      await expect(archive.writeAt(path, 0, Buffer.from('x'))).rejects.toEqual(refused);
      await expect(archive.read(path, 0, 1)).rejects.toEqual(refused);
      await expect(archive.size(path)).rejects.toEqual(refused);
      expect(await readdir(home)).not.toContain('out');
    },
  );

  test('does not follow a link to a file outside', async () => {
    await mkdir(root);
    await writeFile(join(home, 'secret'), 'secret');
    await symlink(join(home, 'secret'), join(root, 'link'));

    await expect(archive.read('link', 0, 10)).rejects.toEqual(refused);
    await expect(archive.writeAt('link', 0, Buffer.from('x'))).rejects.toEqual(refused);
    await archive.write('link', 'mine');

    expect(await readFile(join(home, 'secret'), 'utf8')).toBe('secret');
  });

  test('does not follow a link to a folder outside', async () => {
    await mkdir(root);
    await mkdir(join(home, 'outside'));
    await symlink(join(home, 'outside'), join(root, 'folder'));

    await expect(archive.write('folder/file', 'x')).rejects.toEqual(refused);
    await expect(archive.write('folder/deep/file', 'x')).rejects.toEqual(refused);
    await expect(archive.list('folder')).rejects.toEqual(refused);

    expect(await readdir(join(home, 'outside'))).toEqual([]);
  });

  test('leaves links out of a listing', async () => {
    await archive.write('a/file', 'x');
    await symlink('/etc', join(root, 'a/etc'));
    await symlink('/etc/passwd', join(root, 'a/passwd'));

    const files = await archive.list('a');

    expect(files.map((file) => file.path)).toEqual(['a/file']);
  });

  test('does not wait at a pipe', async () => {
    await mkdir(root);
    execFileSync('mkfifo', [join(root, 'pipe')]);

    await expect(archive.read('pipe', 0, 10)).rejects.toEqual(refused);
  });

  test('works where the root itself is reached through a link', async () => {
    await mkdir(join(home, 'disk'));
    await symlink(join(home, 'disk'), root);

    await archive.write('file', 'x');

    expect(await archive.size('file')).toBe(1);
  });
});

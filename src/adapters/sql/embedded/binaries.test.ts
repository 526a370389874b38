import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseAccount, identity } from './account.ts';
import { findPackage, prepareBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';

const LINK = 'lib/libicui18n.so.60';

let directory: string;
/** The package as an install without scripts leaves it: no library links. */
let bare: Binaries;
let prepared: Binaries | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sidegate-binaries-'));
  await chmod(directory, 0o711);
  const home = join(directory, 'native');
  await cp((await findPackage()).home, home, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(join(home, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await unlink(join(home, 'lib', entry.name));
  }
  // A version of its own: root's copy is in a place that all share.
  bare = { home, version: `0-test-${randomUUID()}` };
});

afterEach(async () => {
  if (prepared && prepared.home !== bare.home) await rm(prepared.home, { recursive: true, force: true });
  prepared = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function versionOf(binaries: Binaries): Promise<string> {
  const account = await chooseAccount();
  const { stdout } = await promisify(execFile)(join(binaries.home, 'bin/postgres'), ['--version'], {
    ...identity(account),
    cwd: '/',
  });
  return stdout;
}

test('missing library links are made again in a copy that the PostgreSQL account can run', async () => {
  await expect(versionOf(bare)).rejects.toThrow();

  prepared = await prepareBinaries(directory, bare);

  expect(await versionOf(prepared)).toContain('(PostgreSQL) 18');
});

test('files that only their owner could read are opened to the PostgreSQL account', async () => {
  await chmod(join(bare.home, 'share'), 0o700);
  await chmod(join(bare.home, 'bin/postgres'), 0o700);

  prepared = await prepareBinaries(directory, bare);

  expect(await versionOf(prepared)).toContain('(PostgreSQL) 18');
});

test('a complete copy is used again, an incomplete one is replaced', async () => {
  const first = await prepareBinaries(directory, bare);
  const again = await prepareBinaries(directory, bare);
  await unlink(join(first.home, LINK));

  prepared = await prepareBinaries(directory, bare);

  expect([again.home, prepared.home]).toEqual([first.home, first.home]);
  expect(await readdir(join(prepared.home, 'lib'))).toContain('libicui18n.so.60');
});

test('processes that copy at the same time end up with one complete copy and no remains', async () => {
  const all = await Promise.all([1, 2, 3].map(() => prepareBinaries(directory, bare)));
  prepared = all[0];

  const found = (await readdir(dirname(all[0]?.home ?? ''))).filter((name) => name.includes(bare.version));

  expect(found).toEqual([`postgresql-${bare.version}`]);
});

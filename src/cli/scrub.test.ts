import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { createWorkspace, minimal } from '../config/testing/workspace.ts';
import { scrubDryRun } from './scrub.ts';

test('a dry run says how much would be hidden, never what, and changes nothing', async () => {
  await using workspace = await createWorkspace();
  const config = await workspace.write('sidegate.yaml', minimal);
  const logs = join(workspace.folder, 'logs');
  await mkdir(join(logs, 'deep'), { recursive: true });
  await writeFile(join(logs, 'a.txt'), 'login with hunter2\npassword=abcdef\n');
  await writeFile(join(logs, 'deep/b.txt.gz'), gzipSync('token: abcdef\n'));
  await writeFile(join(logs, 'c.txt'), 'nothing\n');
  const said: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));

  await scrubDryRun([logs], { config });
  log.mockRestore();

  expect(said).toEqual([
    `${logs}/a.txt: known-secret 1, password 1`,
    `${logs}/deep/b.txt.gz: password 1`,
    '3 files: known-secret 1, password 2',
  ]);
});

import { lstat, rm, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { chooseAccount } from './account.ts';
import { makeSocketDirectory } from './socket-directory.ts';

let made: string[] = [];

afterEach(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true });
  made = [];
});

async function somePlace() {
  return { data: join(tmpdir(), randomUUID()), account: await chooseAccount() };
}

test('the socket directory lets in nobody but the PostgreSQL account', async () => {
  const place = await somePlace();

  const folder = await makeSocketDirectory(place, true);
  made.push(folder);

  const { mode, uid } = await lstat(folder);
  expect([(mode & 0o777).toString(8), uid]).toEqual(['700', place.account.uid]);
  expect(join(folder, '.s.PGSQL.5432').length).toBeLessThanOrEqual(107);
});

test('what somebody else put in its place is refused', async () => {
  const place = await somePlace();
  const folder = await makeSocketDirectory(place, true);
  made.push(folder);
  await rm(folder, { recursive: true });
  await symlink(tmpdir(), folder);

  const attempt = makeSocketDirectory(place, true);

  await expect(attempt).rejects.toMatchObject({ code: 'state-database', detail: expect.stringContaining(folder) });
});

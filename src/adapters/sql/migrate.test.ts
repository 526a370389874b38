import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/test-database.ts';
import type { TestDatabase } from '../../../test/test-database.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  // These tests bring migrations of their own.
  await database.pool.query('drop schema public cascade; create schema public');
  folder = await mkdtemp(join(tmpdir(), 'sidegate-migrations-'));
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

function file(name: string, sql: string): Promise<void> {
  return writeFile(join(folder, name), sql);
}

test('migrations are applied once and in order', async () => {
  await file('0002-fill.sql', 'insert into numbers values (2);');
  await file('0001-create.sql', 'create table numbers (n integer); insert into numbers values (1);');

  const first = await migrate(database.pool, folder);
  const second = await migrate(database.pool, folder);

  expect(first).toEqual(['0001-create.sql', '0002-fill.sql']);
  expect(second).toEqual([]);
  expect((await database.pool.query('select n from numbers')).rows).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a migration added later is applied alone', async () => {
  await file('0001-create.sql', 'create table numbers (n integer);');
  await migrate(database.pool, folder);
  await file('0002-fill.sql', 'insert into numbers values (2);');

  const applied = await migrate(database.pool, folder);

  expect(applied).toEqual(['0002-fill.sql']);
});

test('processes that start at the same time apply every migration once', async () => {
  await file('0001-create.sql', 'create table numbers (n integer); select pg_sleep(0.2);');
  await file('0002-fill.sql', 'insert into numbers values (2);');
  const pools = [1, 2, 3, 4].map(() => new Pool({ connectionString: database.url, max: 1 }));

  const applied = await Promise.all(pools.map((pool) => migrate(pool, folder)));

  expect(applied.flat().toSorted()).toEqual(['0001-create.sql', '0002-fill.sql']);
  await Promise.all(pools.map((pool) => pool.end()));
});

test('a migration that changed after it was applied is drift', async () => {
  await file('0001-create.sql', 'create table numbers (n integer);');
  await migrate(database.pool, folder);
  await file('0001-create.sql', 'create table numbers (n bigint);');

  const again = migrate(database.pool, folder);

  await expect(again).rejects.toMatchObject({
    code: 'state-migration-drift',
    detail: '0001-create.sql has changed since it was applied.',
  });
});

test('line ends of another system are no drift', async () => {
  await file('0001-create.sql', 'create table numbers (\n  n integer\n);\n');
  await migrate(database.pool, folder);
  await file('0001-create.sql', 'create table numbers (\r\n  n integer\r\n);\r\n');

  const applied = await migrate(database.pool, folder);

  expect(applied).toEqual([]);
});

test('an applied migration without a file is drift', async () => {
  await file('0001-create.sql', 'create table numbers (n integer);');
  await migrate(database.pool, folder);
  await rm(join(folder, '0001-create.sql'));

  const again = migrate(database.pool, folder);

  await expect(again).rejects.toMatchObject({
    code: 'state-migration-drift',
    detail: expect.stringContaining('0001-create.sql is not in'),
  });
});

test('a migration numbered below an applied one is drift', async () => {
  await file('0002-create.sql', 'create table numbers (n integer);');
  await migrate(database.pool, folder);
  await file('0001-late.sql', 'select 1;');

  const again = migrate(database.pool, folder);

  await expect(again).rejects.toMatchObject({
    code: 'state-migration-drift',
    detail: expect.stringContaining('0001-late.sql was added before'),
  });
});

test('a failing migration names file, line and column, leaves nothing behind and can be mended', async () => {
  await file('0001-create.sql', 'create table numbers (n integer);');
  await file(
    '0002-broken.sql',
    '-- käse 🧀\ncreate table more (n integer);\ninsert into numbers values (1), (nonsense);\n',
  );

  const failed = migrate(database.pool, folder);

  await expect(failed).rejects.toMatchObject({
    code: 'state-database',
    detail: '0002-broken.sql:3:34 was not applied: column "nonsense" does not exist (SQLSTATE 42703)',
  });
  expect((await database.pool.query(`select to_regclass('more') as more`)).rows).toEqual([{ more: null }]);
  await file('0002-broken.sql', 'insert into numbers values (1);');
  expect(await migrate(database.pool, folder)).toEqual(['0002-broken.sql']);
});

test('a failing migration gives the lock back', async () => {
  await file('0001-broken.sql', 'select 1/0;');
  await expect(migrate(database.pool, folder)).rejects.toMatchObject({ code: 'state-database' });

  const held = await database.pool.query(
    `select count(*)::int as n from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );

  expect(held.rows).toEqual([{ n: 0 }]);
});

test('files with names that have no place in the order are refused', async () => {
  await file('fix.sql', 'select 1;');

  const attempt = migrate(database.pool, folder);

  await expect(attempt).rejects.toMatchObject({ code: 'state-database', detail: expect.stringContaining('fix.sql') });
});

test('two files with the same number are refused', async () => {
  await file('0001-one.sql', 'select 1;');
  await file('0001-two.sql', 'select 1;');

  const attempt = migrate(database.pool, folder);

  await expect(attempt).rejects.toMatchObject({
    code: 'state-database',
    detail: expect.stringContaining('0001-two.sql'),
  });
});

test('test databases are migrated and separate from each other', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await one.pool.query('create table only_here (n integer)');

  const found = await two.pool.query(
    `select to_regclass('only_here') as here, to_regclass('builds') is not null as migrated`,
  );

  expect(found.rows).toEqual([{ here: null, migrated: true }]);
  await Promise.all([one.drop(), two.drop()]);
});

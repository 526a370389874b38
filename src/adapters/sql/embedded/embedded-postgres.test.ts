import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sleep } from '../../../shared/clock.ts';
import { eraseEmbeddedPostgres, startEmbeddedPostgres, stopEmbeddedPostgres } from './embedded-postgres.ts';
import { findPlace } from './place.ts';
import { findPostmaster } from './postmaster.ts';

const isRoot = process.getuid?.() === 0;
const children: ChildProcess[] = [];
const folders: string[] = [];
let directory: string;

beforeEach(async () => {
  directory = await makeFolder(0o711);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) {
    await stopEmbeddedPostgres(folder).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
});

async function makeFolder(mode: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sidegate-embedded-'));
  folders.push(folder);
  await chmod(folder, mode);
  return folder;
}

async function ask<T>(url: string, question: string): Promise<T | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<{ answer: T }>(question);
    return result.rows[0]?.answer;
  } finally {
    await client.end();
  }
}

async function postmasterOf(folder: string): Promise<number | undefined> {
  const place = await findPlace(folder);
  return place && (await findPostmaster(place.data))?.pid;
}

/** Another process that starts the server of the directory, says `{url, adopted}` and stays. */
async function startElsewhere(
  folder: string,
  command: readonly string[] = [],
): Promise<{ child: ChildProcess; url: string; adopted: boolean }> {
  const module = fileURLToPath(new URL('embedded-postgres.ts', import.meta.url));
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const { url, adopted } = await startEmbeddedPostgres({ directory: ${JSON.stringify(folder)} });
    console.log(JSON.stringify({ url, adopted }));
    setInterval(() => {}, 1000);`;
  const [file, ...args] = [...command, process.execPath, '--input-type=module', '--eval', program];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) };
  throw new Error('the process ended without starting the server');
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a server starts durable, on a private socket only, and stops without a trace', async () => {
  const server = await startEmbeddedPostgres({ directory });

  const settings = await ask(
    server.url,
    `select string_agg(current_setting(name), ',') as answer from unnest(array['fsync', 'synchronous_commit', 'listen_addresses']) name`,
  );
  const database = await ask(server.url, 'select current_database() as answer');
  const outcome = await server.stop();

  expect(settings).toBe('on,on,');
  expect(database).toBe('sidegate');
  expect(server.adopted).toBe(false);
  expect(outcome).toBe('stopped');
  expect(await postmasterOf(directory)).toBeUndefined();
  expect((await readdir(tmpdir())).some((name) => server.url.endsWith(name))).toBe(false);
});

test('what was written is there after a stop and a start', async () => {
  const first = await startEmbeddedPostgres({ directory });
  await ask(first.url, 'create table kept as select 42 as answer');
  await first.stop();

  const second = await startEmbeddedPostgres({ directory });

  expect(await ask(second.url, 'select answer from kept')).toBe(42);
});

test('the server of a process killed with -9 goes on and is adopted', async () => {
  const { child, url } = await startElsewhere(directory);
  const pid = await postmasterOf(directory);
  await kill(child);

  const server = await startEmbeddedPostgres({ directory });

  expect(server.adopted).toBe(true);
  expect(server.url).toBe(url);
  expect(await postmasterOf(directory)).toBe(pid);
});

test('a server that was killed with -9 starts again and lost nothing', async () => {
  const { child, url } = await startElsewhere(directory);
  await ask(url, 'create table kept as select 42 as answer');
  await kill(child);
  process.kill((await postmasterOf(directory)) ?? 0, 'SIGKILL');

  const server = await startEmbeddedPostgres({ directory });

  expect(server.adopted).toBe(false);
  expect(await ask(server.url, 'select answer from kept')).toBe(42);
});

test('a server that is killed under its user is brought back', async () => {
  const server = await startEmbeddedPostgres({ directory });
  const killed = (await postmasterOf(directory)) ?? 0;
  process.kill(killed, 'SIGKILL');

  await expect.poll(async () => (await postmasterOf(directory)) ?? killed, { timeout: 20_000 }).not.toBe(killed);

  await expect.poll(() => ask(server.url, 'select 42 as answer').catch(() => 0), { timeout: 20_000 }).toBe(42);
  await server.stop();
});

test('a server that somebody else stopped stays stopped', async () => {
  const { child } = await startElsewhere(directory);

  await stopEmbeddedPostgres(directory);
  await sleep(300);

  expect(await postmasterOf(directory)).toBeUndefined();
  expect(child.exitCode).toBeNull();
});

test('a left-over postmaster.pid that names a living process of another kind does not prevent the start', async () => {
  const first = await startEmbeddedPostgres({ directory });
  await first.stop();
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(bystander);
  const data = join(directory, 'postgresql-data');
  await writeFile(join(data, 'postmaster.pid'), `${bystander.pid}\n${data}\n1\n5432\n/nowhere\n\n\nready\n`);

  const second = await startEmbeddedPostgres({ directory });

  expect(second.adopted).toBe(false);
  expect(await ask(second.url, 'select 42 as answer')).toBe(42);
});

test('processes that start at the same time share one server', async () => {
  const servers = await Promise.all([
    startElsewhere(directory),
    startElsewhere(directory),
    startEmbeddedPostgres({ directory }),
  ]);

  expect(servers.filter(({ adopted }) => !adopted)).toHaveLength(1);
  expect(new Set(servers.map(({ url }) => url)).size).toBe(1);
});

test('a server that another process uses is left running when asked so', async () => {
  const { child } = await startElsewhere(directory);
  const server = await startEmbeddedPostgres({ directory });

  const whileUsed = await server.stop({ ifUnused: true });
  await kill(child);
  const afterwards = await stopEmbeddedPostgres(directory, { ifUnused: true });

  expect(whileUsed).toBe('in-use');
  expect(afterwards).toBe('stopped');
  expect(await stopEmbeddedPostgres(directory)).toBe('not-running');
});

test('an initdb broken off in the middle is begun again', async () => {
  const unfinished = join(directory, 'postgresql-data.initdb-0000');
  await mkdir(unfinished);
  await writeFile(join(unfinished, 'PG_VERSION'), '18\n');

  const server = await startEmbeddedPostgres({ directory });

  expect(await ask(server.url, 'select 42 as answer')).toBe(42);
  expect(await readdir(directory)).not.toContain('postgresql-data.initdb-0000');
});

test('a process killed while it makes the cluster leaves nothing that a later start stumbles over', async () => {
  const starting = startElsewhere(directory).catch(() => undefined);
  await expect
    .poll(async () => (await readdir(directory)).join(), { timeout: 20_000, interval: 5 })
    .toContain('initdb');
  for (const child of children) child.kill('SIGKILL');
  await starting;

  const server = await startEmbeddedPostgres({ directory });

  expect(await ask(server.url, 'select 42 as answer')).toBe(42);
});

test('a server whose socket was cleared away is started again', async () => {
  const { child, url } = await startElsewhere(directory);
  await kill(child);
  await rm(new URL(url).searchParams.get('host') ?? '', { recursive: true });

  const server = await startEmbeddedPostgres({ directory });

  expect(server.adopted).toBe(false);
  expect(await ask(server.url, 'select 42 as answer')).toBe(42);
});

test('data of another PostgreSQL version is refused by name', async () => {
  const server = await startEmbeddedPostgres({ directory });
  await server.stop();
  await writeFile(join(directory, 'postgresql-data', 'PG_VERSION'), '17\n');

  const start = startEmbeddedPostgres({ directory });

  await expect(start).rejects.toMatchObject({
    code: 'state-database',
    detail: expect.stringContaining('was made by PostgreSQL 17, this sidegate brings 18'),
  });
});

test('a server that cannot start says why', async () => {
  const server = await startEmbeddedPostgres({ directory });
  await server.stop();
  await writeFile(join(directory, 'postgresql-data', 'postgresql.conf'), 'no_such_setting = 1\n');

  const start = startEmbeddedPostgres({ directory });

  await expect(start).rejects.toMatchObject({
    code: 'state-database',
    detail: expect.stringContaining('no_such_setting'),
  });
});

test('erasing deletes the data but not under somebody who uses it', async () => {
  const server = await startEmbeddedPostgres({ directory });
  await ask(server.url, 'create table old as select 1 as answer');

  const whileUsed = await eraseEmbeddedPostgres(directory);
  await server.stop();
  const afterwards = await eraseEmbeddedPostgres(directory);
  const afresh = await startEmbeddedPostgres({ directory });

  expect([whileUsed, afterwards]).toEqual(['in-use', 'erased']);
  expect(await ask(afresh.url, `select to_regclass('old') as answer`)).toBeNull();
});

test.runIf(isRoot)(
  "root's cluster moves to where PostgreSQL can go when the directory is closed to others",
  async () => {
    const closed = await makeFolder(0o700);

    const first = await startEmbeddedPostgres({ directory: closed });
    await ask(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await startEmbeddedPostgres({ directory: closed });
    const kept = await ask(second.url, 'select answer from kept');
    await second.stop();

    const data = (await readFile(join(closed, 'postgresql-location'), 'utf8')).trim();
    expect(kept).toBe(42);
    expect(data).toMatch(/^\/var\/lib\/sidegate\/clusters\//);
    expect(await eraseEmbeddedPostgres(closed)).toBe('erased');
    await expect(readdir(data)).rejects.toThrow('ENOENT');
  },
);

/** An ordinary user with a closed home directory; setpriv is part of every Debian. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** A checkout below /root is closed to other users: they cannot run what is in it. The suite run by an ordinary user shows the same. */
function mayOthersRunCheckout(): boolean {
  const [program, ...args] = [...asNobody, 'test', '-r', fileURLToPath(import.meta.url)];
  return isRoot && spawnSync(program!, args).status === 0;
}

test.runIf(mayOthersRunCheckout())(
  'an ordinary user keeps everything in the own closed directory, and root can go on with it',
  async () => {
    const home = await makeFolder(0o700);
    await asOwner(home);

    const { child, url } = await startElsewhere(join(home, 'state'), asNobody);
    await ask(url, 'create table kept as select 42 as answer');
    await kill(child);
    await stopEmbeddedPostgres(join(home, 'state'));
    const server = await startEmbeddedPostgres({ directory: join(home, 'state') });
    const kept = await ask(server.url, 'select answer from kept');
    await server.stop();

    expect(await readdir(join(home, 'state'))).toContain('postgresql-data');
    expect(kept).toBe(42);
  },
);

async function asOwner(folder: string): Promise<void> {
  const child = spawn('chown', ['-R', '65534:65534', folder], { stdio: 'ignore' });
  await once(child, 'exit');
}

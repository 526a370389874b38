import { createHash, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { bootServer, createApiClient } from './testing/api-client.ts';
import type { ApiClient } from './testing/api-client.ts';
import { connect, newKey, run } from './testing/ssh.ts';

const main = new URL('main.ts', import.meta.url).pathname;
const key = newKey();

let directory: string;
let simulator: OpenstackSimulator;
let api: ApiClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openstack-simulator-'));
  simulator = await startOpenstackSimulator({ directory, bootDelay: 0 });
  api = await createApiClient(simulator.authUrl);
});

afterEach(async () => {
  await simulator.close();
  await rm(directory, { recursive: true, force: true });
});

/** True while the process runs; one that nobody has waited for yet is dead all the same. */
function isAlive(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

async function detachedSleep(client: ssh2.Client): Promise<number> {
  const { stdout } = await run(client, 'setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $!');
  return Number(stdout);
}

test('a booted server runs real commands in its own home with a small environment', async () => {
  const server = await bootServer(api, key.public);
  const client = await connect(server, simulator.sshPort, key.private);

  const { stdout, stderr, status } = await run(client, 'pwd; echo "$USER $LANG"; node -p 6*7; echo oops >&2; exit 3');

  client.end();
  expect(status).toBe(3);
  expect(stdout).toBe(`${join(directory, 'servers', server.id, 'home')}\nzuul C.UTF-8\n42\n`);
  expect(stderr).toBe('oops\n');
});

test('standard input reaches the command and its end too', async () => {
  const server = await bootServer(api, key.public);
  const client = await connect(server, simulator.sshPort, key.private);

  const input = randomBytes(5_000_000);

  const { stdout } = await run(client, 'sha256sum', input);

  client.end();
  expect(stdout.slice(0, 64)).toBe(createHash('sha256').update(input).digest('hex'));
});

test('a command that a signal ends says which', async () => {
  const server = await bootServer(api, key.public);
  const client = await connect(server, simulator.sshPort, key.private);

  const { signal } = await run(client, 'kill -TERM $$');

  client.end();
  expect(signal).toBe('TERM');
});

test('only the key of the keypair and the user of the image may log in', async () => {
  const server = await bootServer(api, key.public);

  const wrongKey = connect(server, simulator.sshPort, newKey().private);
  const wrongUser = connect(server, simulator.sshPort, key.private, 'root');

  await expect(wrongKey).rejects.toThrow('authentication');
  await expect(wrongUser).rejects.toThrow('authentication');
});

test('the host key on the console is the one the server shows', async () => {
  const server = await bootServer(api, key.public);
  let shown = '';
  const client = await connect(server, simulator.sshPort, key.private, 'zuul', (hostKey) => {
    shown = hostKey.toString('base64');
  });
  client.end();

  const { output } = await api.call<{ output: string }>('POST', `/compute/v2.1/servers/${server.id}/action`, {
    'os-getConsoleOutput': {},
  });

  const [, printed] =
    /-----BEGIN SSH HOST KEY KEYS-----\r\nssh-ed25519 (\S+) root@\S+\r\n-----END SSH HOST KEY KEYS-----/u.exec(
      output,
    ) ?? [];
  expect(printed).toBe(shown);
});

test('fifty servers run at once, each at its own address', async () => {
  await api.call(
    'PUT',
    `/compute/v2.1/os-quota-sets/${api.projectId}`,
    { quota_set: { instances: -1, cores: -1, ram: -1 } },
    'admin',
  );
  await api.addKeypair(key.public);

  const servers = await Promise.all(Array.from({ length: 50 }, () => bootServer(api, undefined)));
  const names = await Promise.all(
    servers.map(async (server) => {
      const client = await connect(server, simulator.sshPort, key.private);
      const { stdout } = await run(client, 'echo $SIMULATED_SERVER_ID');
      client.end();
      return stdout.trim();
    }),
  );

  expect(new Set(servers.map(({ address }) => address)).size).toBe(50);
  expect(names).toEqual(servers.map(({ id }) => id));
});

test('the foreground command ends with its channel, a detached one goes on', async () => {
  const server = await bootServer(api, key.public);
  const client = await connect(server, simulator.sshPort, key.private);
  const detached = await detachedSleep(client);
  const foreground = Number((await run(client, 'echo $$; exec sleep 600', undefined, { closeAfter: 'stdout' })).stdout);
  client.end();
  await once(client, 'close');

  await expect.poll(() => isAlive(foreground)).toBe(false);

  expect(isAlive(detached)).toBe(true);
});

test.each([
  ['deleting', 'DELETE', '', undefined],
  ['stopping', 'POST', '/action', { 'os-stop': null }],
] as const)(
  '%s a server kills what it started, detached or without its environment',
  async (_name, method, path, body) => {
    const server = await bootServer(api, key.public);
    const client = await connect(server, simulator.sshPort, key.private);
    const closed = once(client, 'close');
    const detached = await detachedSleep(client);
    const parent = "setsid bash -c 'env -i sleep 600 & echo $! >pid; exec sleep 600' </dev/null >/dev/null 2>&1 &";
    await run(client, `${parent} until [ -s pid ]; do sleep 0.01; done`);
    const cleaned = Number((await run(client, 'cat pid')).stdout);

    await api.call(method, `/compute/v2.1/servers/${server.id}${path}`, body);

    await closed;
    await expect.poll(() => [detached, cleaned].map(isAlive)).toEqual([false, false]);
    await expect(connect(server, simulator.sshPort, key.private)).rejects.toThrow('ECONNREFUSED');
  },
);

test('a deleted server leaves no directory behind', async () => {
  const server = await bootServer(api, key.public);

  await api.call('DELETE', `/compute/v2.1/servers/${server.id}`);

  await expect.poll(() => readdir(join(directory, 'servers'))).toEqual([]);
});

test('a stopped server that is started again has its files and its host key', async () => {
  const server = await bootServer(api, key.public);
  const keys: string[] = [];
  const note = (hostKey: Buffer) => keys.push(hostKey.toString('base64'));
  const before = await connect(server, simulator.sshPort, key.private, 'zuul', note);
  await run(before, 'echo kept >note');
  await api.act(server.id, { 'os-stop': null }, 'SHUTOFF');

  await api.act(server.id, { 'os-start': null }, 'ACTIVE');
  const after = await connect(server, simulator.sshPort, key.private, 'zuul', note);
  const { stdout } = await run(after, 'cat note');

  after.end();
  expect(stdout).toBe('kept\n');
  expect(keys[1]).toBe(keys[0]);
});

test('a script as user data runs at boot and speaks on the console', async () => {
  const userData = Buffer.from('#!/bin/sh\necho hello from $HOME\n').toString('base64');
  const server = await bootServer(api, key.public, { user_data: userData });

  const readConsole = () =>
    api.call<{ output: string }>('POST', `/compute/v2.1/servers/${server.id}/action`, { 'os-getConsoleOutput': null });

  await expect
    .poll(async () => (await readConsole()).output)
    .toContain(`hello from ${join(directory, 'servers', server.id, 'home')}`);
});

test('a directory has one simulator at a time', async () => {
  await expect(startOpenstackSimulator({ directory })).rejects.toThrow('another OpenStack simulator');
});

test('a killed simulator leaves nothing that the next one in its directory does not remove', async () => {
  const own = join(directory, 'own');
  const child = spawn(process.execPath, [main, '--directory', own, '--boot-delay', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ready = JSON.parse(line.toString()) as { ready: boolean; authUrl: string; sshPort: number };
  const server = await bootServer(await createApiClient(ready.authUrl), key.public);
  const client = await connect(server, ready.sshPort, key.private);
  const detached = await detachedSleep(client);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const survived = isAlive(detached);

  const next = await startOpenstackSimulator({ directory: own });

  await next.close();
  expect(ready.ready).toBe(true);
  expect(survived).toBe(true);
  expect(isAlive(detached)).toBe(false);
  expect(existsSync(join(own, 'servers'))).toBe(false);
});

test('the process ends cleanly, servers included, when its standard input closes', async () => {
  const own = join(directory, 'own');
  const options = ['--directory', own, '--boot-delay', '0', '--until-stdin-closes'];
  const child = spawn(process.execPath, [main, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ready = JSON.parse(line.toString()) as { authUrl: string; sshPort: number };
  const server = await bootServer(await createApiClient(ready.authUrl), key.public);
  const client = await connect(server, ready.sshPort, key.private);
  const detached = await detachedSleep(client);

  child.stdin.end();

  const [status] = (await once(child, 'exit')) as [number];
  expect(status).toBe(0);
  expect(isAlive(detached)).toBe(false);
  expect(existsSync(join(own, 'servers'))).toBe(false);
});

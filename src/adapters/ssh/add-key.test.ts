import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateSshKey } from '../../shared/generate-ssh-key.ts';
import { createSshRemoteJobs } from './ssh-remote-jobs.ts';
import { startHostileServer } from './testing/hostile-server.ts';
import { startOpensshHost, startSimulatedHost, whyNoOpenssh } from './testing/test-hosts.ts';
import type { TestHost } from './testing/test-hosts.ts';

const person = generateSshKey("o'neill $(reboot)");
const line = person.publicKey.trim();

describe('a key on a server of the simulated cloud', () => onHost(startSimulatedHost));
describe.skipIf(whyNoOpenssh() !== undefined)('a key on an OpenSSH server', () => onHost(startOpensshHost));

function onHost(start: () => Promise<TestHost>): void {
  let server: TestHost;
  let jobs: ReturnType<typeof createSshRemoteJobs>;
  const folder = () => join(server.home, '.ssh');
  const file = () => join(folder(), 'authorized_keys');

  beforeAll(async () => {
    server = await start();
    jobs = createSshRemoteJobs(server.privateKey);
  });
  beforeEach(() => rm(folder(), { recursive: true, force: true }));
  afterAll(async () => {
    jobs.close();
    await server.close();
  });

  test('is added once, readable for the user alone', async () => {
    await jobs.addKey(server.host, line);
    await jobs.addKey(server.host, line);

    const modes = await Promise.all([folder(), file()].map(async (path) => (await stat(path)).mode & 0o777));
    expect(await readFile(file(), 'utf8')).toBe(`${line}\n`);
    expect(modes).toEqual([0o700, 0o600]);
  });

  test('leaves the keys that are there, also when the last line has no end', async () => {
    await mkdir(folder());
    await writeFile(file(), `# cloud-init\nssh-ed25519 AAAA\n${line} another`);

    await jobs.addKey(server.host, line);

    expect(await readFile(file(), 'utf8')).toBe(`# cloud-init\nssh-ed25519 AAAA\n${line} another\n${line}\n`);
  });

  test.each([
    ['a named pipe', () => execFileSync('mkfifo', [file()])],
    ['a folder', () => mkdir(file())],
    ['a link to the terminal', () => symlink('/dev/tty', file())],
  ])('is refused when the tests left %s in its place', async (_, leave) => {
    await mkdir(folder());
    await leave();

    const added = jobs.addKey(server.host, line);

    await expect(added).rejects.toMatchObject({ code: 'ssh-unreachable', detail: /authorized_keys is no file/ });
  });

  test('is not added on a server with another host key', async () => {
    const hostKeys = [generateSshKey('other').publicKey.split(' ').slice(0, 2).join(' ')];

    const added = jobs.addKey({ ...server.host, hostKeys }, line);

    await expect(added).rejects.toMatchObject({ code: 'ssh-host-key' });
  });

  test('is refused when the folder is a file', async () => {
    await writeFile(folder(), 'no folder');
    await chmod(folder(), 0o600);

    const added = jobs.addKey(server.host, line);

    await expect(added).rejects.toMatchObject({
      code: 'ssh-unreachable',
      detail: /the key could not be added: .*\.ssh/,
    });
  });
}

test('its owner can log in to the simulated server, before and after others cannot', async () => {
  const server = await startSimulatedHost();
  const jobs = createSshRemoteJobs(server.privateKey);
  const persons = createSshRemoteJobs(person.privateKey);
  const early = await persons.checkLogin(server.host).catch((error: unknown) => error);

  await jobs.addKey(server.host, line);

  await persons.checkLogin(server.host);
  const stranger = createSshRemoteJobs(generateSshKey('stranger').privateKey);
  await expect(stranger.checkLogin(server.host)).rejects.toMatchObject({ code: 'ssh-unreachable' });
  expect(early).toMatchObject({ code: 'ssh-unreachable' });
  persons.close();
  jobs.close();
  await server.close();
});

describe('a hostile server', () => {
  test.each([
    [
      'that refuses with terminal escapes',
      /the key could not be added: no\s*$/,
      (channel: Parameters<Parameters<typeof startHostileServer>[0]>[0]) => {
        channel.stderr.write('\u001b[2Jno\n'.repeat(1));
        channel.exit(1);
        channel.end();
      },
    ],
    [
      'that hangs up',
      /the key could not be added: the server did not take it/,
      (channel: Parameters<Parameters<typeof startHostileServer>[0]>[0]) => channel.end(),
    ],
    [
      'that talks without end',
      /^the key could not be added: .{0,310}$/,
      (channel: Parameters<Parameters<typeof startHostileServer>[0]>[0]) => {
        channel.stderr.write('x'.repeat(1_000_000));
        channel.write(Buffer.alloc(5_000_000));
        channel.exit(1);
        channel.end();
      },
    ],
  ])('%s is told in a few words', async (_, detail, answer) => {
    const hostile = await startHostileServer(answer);
    const jobs = createSshRemoteJobs(person.privateKey);

    const added = jobs.addKey(hostile.host, line);

    await expect(added).rejects.toMatchObject({ code: 'ssh-unreachable', detail });
    jobs.close();
    await hostile.close();
  });
});

import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import type { ServerChannel } from 'ssh2';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorCode } from '../../domain/errors.ts';
import { isSafePath } from './collect-artifacts.ts';
import { createSshRemoteJobs } from './ssh-remote-jobs.ts';
import { startHostileServer } from './testing/hostile-server.ts';
import { startSimulatedHost } from './testing/test-hosts.ts';
import type { TestHost } from './testing/test-hosts.ts';

const isRoot = userInfo().uid === 0;

let server: TestHost;
let jobs: ReturnType<typeof createSshRemoteJobs>;

beforeAll(async () => {
  server = await startSimulatedHost();
  jobs = createSshRemoteJobs(server.privateKey);
});
afterAll(async () => {
  jobs.close();
  await server.close();
});

async function artifactsOf(jobId: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(server.home, '.sidegate', jobId, 'artifacts');
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function collect(jobId: string, first: readonly string[] = [], host = server.host) {
  const taken: [path: string, content: string][] = [];
  const leftOut = await jobs.collect(host, { jobId, first }, async (path, content) => {
    taken.push([path, content.toString()]);
    return true;
  });
  return { taken, leftOut };
}

describe('the artifacts of a job', () => {
  test('come with their folders and content, the wanted ones first and once', async () => {
    await artifactsOf('nested', { 'a/b/c.log': 'deep', 'empty.txt': '', 'z/results.subunit': 'tests', 'a..b': 'dots' });

    const { taken, leftOut } = await collect('nested', ['z/results.subunit', 'missing.txt', 'a/b/c.log']);

    expect(taken.slice(0, 2)).toEqual([
      ['z/results.subunit', 'tests'],
      ['a/b/c.log', 'deep'],
    ]);
    expect(Object.fromEntries(taken)).toEqual({
      'a/b/c.log': 'deep',
      'empty.txt': '',
      'z/results.subunit': 'tests',
      'a..b': 'dots',
    });
    expect([taken.length, leftOut]).toEqual([4, []]);
  });

  test('are none where the job made no folder, or not the wanted file', async () => {
    await artifactsOf('without', { 'one.log': '1' });

    const none = await collect('never-ran', ['results']);
    const without = await collect('without', ['results']);

    expect(none).toEqual({ taken: [], leftOut: [] });
    expect(without.taken).toEqual([['one.log', '1']]);
  });

  test('links, pipes and devices are left out and named, whatever they lead to', async () => {
    const folder = await artifactsOf('special', { 'plain.log': 'plain' });
    await symlink('/etc/passwd', join(folder, 'passwd'));
    await symlink('/etc', join(folder, 'etc'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    if (isRoot) execFileSync('mknod', [join(folder, 'device'), 'c', '1', '5']);

    const { taken, leftOut } = await collect('special', ['passwd']);

    expect(taken).toEqual([['plain.log', 'plain']]);
    expect(leftOut.toSorted()).toEqual([...(isRoot ? ['device'] : []), 'etc', 'passwd', 'pipe']);
  });

  test('names that are no plain path are left out and named', async () => {
    const names = [
      'with space.log',
      '.hidden',
      '..log',
      'new\nline',
      'tab\t',
      '<b>.html',
      'ü.log',
      '\u001b[31m',
      'a\\b',
      "quo'te",
    ];
    await artifactsOf('names', Object.fromEntries([...names, 'plain.log'].map((name) => [name, 'x'])));

    const { taken, leftOut } = await collect('names');

    expect(taken.map(([path]) => path)).toEqual(['plain.log']);
    expect(leftOut.toSorted()).toEqual(names.toSorted());
  });

  test('a huge file is not even sent', async () => {
    const folder = await artifactsOf('huge', { 'core.1': '', 'plain.log': 'plain' });
    await truncate(join(folder, 'core.1'), 8 * 1024 ** 4);

    const { taken, leftOut } = await collect('huge');

    expect({ taken, leftOut }).toEqual({ taken: [['plain.log', 'plain']], leftOut: ['core.1'] });
  });

  test('ten thousand files come as far as they are wanted, and the connection stays good', async () => {
    const folder = await artifactsOf('many', {});
    execFileSync('bash', ['-c', 'for n in {1..10000}; do echo $n >$n.log; done'], { cwd: folder });
    let taken = 0;

    await jobs.collect(server.host, { jobId: 'many', first: [] }, async () => {
      taken += 1;
      return taken < 500;
    });
    const all = await collect('many');

    expect(taken).toBe(500);
    expect(new Set(all.taken.map(([path]) => path)).size).toBe(10_000);
  });

  test('an error of whoever takes them is thrown as it is', async () => {
    await artifactsOf('refused', { 'one.log': '1' });
    const disk = new Error('no space left on device');

    const collected = jobs.collect(server.host, { jobId: 'refused', first: [] }, () => Promise.reject(disk));

    await expect(collected).rejects.toBe(disk);
  });
});

describe('a hostile server', () => {
  async function collectFrom(answer: (channel: ServerChannel, archive: Pack) => void) {
    const hostile = await startHostileServer((channel) => {
      const archive = pack();
      archive.on('data', (chunk) => channel.write(chunk as Buffer));
      answer(channel, archive);
    });
    try {
      return await collect('any', undefined, hostile.host);
    } finally {
      await hostile.close();
    }
  }

  function finish(channel: ServerChannel, archive: Pack): void {
    archive.on('end', () => {
      channel.exit(0);
      channel.end();
    });
    archive.finalize();
  }

  test('cannot send files outside of the folder, links, or more than it said', async () => {
    const { taken, leftOut } = await collectFrom((channel, archive) => {
      for (const name of ['../escape', '/etc/cron.d/job', 'a/../../b', './.ssh/authorized_keys', 'x'.repeat(500)])
        archive.entry({ name }, 'evil');
      archive.entry({ name: 'link', type: 'symlink', linkname: '/etc/passwd' });
      archive.entry({ name: 'hard', type: 'link', linkname: '/etc/passwd' });
      archive.entry({ name: './good.log' }, 'good');
      finish(channel, archive);
    });

    expect(taken).toEqual([['good.log', 'good']]);
    expect(leftOut).toHaveLength(7);
  });

  test('cannot name so much as left out that it fills the memory', async () => {
    const { taken, leftOut } = await collectFrom((channel, archive) => {
      channel.stderr.write('x\n'.repeat(100_000));
      archive.entry({ name: 'good.log' }, 'good');
      finish(channel, archive);
    });

    expect(taken).toEqual([['good.log', 'good']]);
    expect(leftOut).toHaveLength(200);
  });

  test('that sends no archive, or a part of one, is told from one that is done', async () => {
    const garbage = collectFrom((channel) => {
      channel.write(Buffer.alloc(10_000, 'garbage'));
      channel.exit(0);
      channel.end();
    });
    const cut = collectFrom((channel, archive) => {
      archive.entry({ name: 'one.log' }, 'one');
      channel.end();
    });
    const half = collectFrom((channel, archive) => {
      archive.once('data', () => {
        channel.exit(0);
        channel.end();
      });
      archive.entry({ name: 'one.log', size: 100_000 });
    });

    const ends = await Promise.allSettled([garbage, cut, half]);
    const codes = ends.map((end) => (end.status === 'rejected' ? errorCode(end.reason) : end.value));

    expect(codes).toEqual(['ssh-unreachable', 'ssh-unreachable', 'ssh-unreachable']);
  });
});

test.each([
  ['a/b.log', true],
  ['controller/logs/screen-n-cpu.txt.gz', true],
  ['a..b', true],
  ['', false],
  ['..', false],
  ['a/../b', false],
  ['/a', false],
  ['a//b', false],
  ['a/', false],
  ['.a', false],
  ['a b', false],
  ['a\u0000b', false],
  ['a\\..\\b', false],
])('isSafePath(%j) is %j', (path, safe) => {
  const answer = isSafePath(path);

  expect(answer).toBe(safe);
});

import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import type { ServerChannel } from 'ssh2';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseArtifacts, searchedFolders } from '../../domain/artifacts.ts';
import { errorCode } from '../../domain/errors.ts';
import type { CutFile, WantedArtifacts } from '../../ports/remote-jobs.ts';
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

async function collect(
  jobId: string,
  first: readonly string[] = [],
  host = server.host,
  more: Partial<WantedArtifacts> = {},
) {
  const taken: [path: string, content: string][] = [];
  const leftOut = await jobs.collect(host, { jobId, first, ...more }, async (path, content) => {
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

  test('of a text that is too long come its last bytes and what stands before them; of anything else nothing', async () => {
    const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}\n`).join('');
    await artifactsOf('long', { 'long.log': lines, 'short.log': 'short', 'core.1': `ELF\0${lines}`, 'z.log': 'z' });
    const taken: [path: string, content: Buffer, cut: CutFile | undefined][] = [];
    const choose: WantedArtifacts['choose'] = (found) =>
      found.map((file) => ({ ...file, to: file.path, limit: 1000 })).toSorted((a, b) => (a.path < b.path ? -1 : 1));

    const leftOut = await jobs.collect(server.host, { jobId: 'long', first: [], choose }, async (...file) => {
      taken.push(file as (typeof taken)[number]);
      return true;
    });

    const [long, ...others] = taken;
    expect(others.map(([path, content]) => [path, String(content)])).toEqual([
      ['short.log', 'short'],
      ['z.log', 'z'],
    ]);
    expect([long?.[0], long?.[2]]).toEqual(['long.log', { size: lines.length, context: 65_536 }]);
    expect(lines.endsWith(String(long?.[1]))).toBe(true);
    expect(long?.[1]).toHaveLength(65_536 + 1000);
    expect(leftOut).toEqual(['core.1']);
  });

  test('may lie elsewhere on the server, where a rule says so', async () => {
    const elsewhere = join(server.home, 'var');
    await artifactsOf('elsewhere', { 'one.log': '1' });
    await mkdir(join(elsewhere, 'deep', 'deeper'), { recursive: true });
    for (const name of ['a.txt', 'b.log', 'deep/c.txt', 'deep/deeper/d.txt'])
      await writeFile(join(elsewhere, name), name);
    await symlink(join(elsewhere, 'a.txt'), join(elsewhere, 'link.txt'));
    const paths = [
      `${elsewhere}/*.txt`,
      `${elsewhere}/link.txt`,
      `${elsewhere}/deep/**/d.txt`,
      `${elsewhere}/not-there`,
    ];
    const rules = [{ paths, maxSize: 1000, when: 'always', to: 'from/var' }] as const;

    const { taken, leftOut } = await collect('elsewhere', undefined, server.host, {
      elsewhere: searchedFolders(rules),
      choose: (found) => chooseArtifacts(found, rules, false).chosen,
    });

    expect(Object.fromEntries(taken)).toEqual({
      'one.log': '1',
      'from/var/a.txt': 'a.txt',
      'from/var/link.txt': 'a.txt',
      'from/var/deeper/d.txt': 'deep/deeper/d.txt',
    });
    expect(leftOut).toEqual([]);
  });

  test.skipIf(isRoot)('that the user may not read are named', async () => {
    const folder = await artifactsOf('unreadable', { 'one.log': '1', 'two.log': '2' });
    await chmod(join(folder, 'one.log'), 0);

    const { taken, leftOut } = await collect('unreadable');

    expect({ taken, leftOut }).toEqual({ taken: [['two.log', '2']], leftOut: ['one.log'] });
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
  /** It has files of these names, it says. */
  async function collectFrom(names: readonly string[], answer: (channel: ServerChannel, archive: Pack) => void) {
    const hostile = await startHostileServer((channel, command) => {
      if (command.includes('find ')) return finish(channel, names.map((name) => `f 4 ./${name}\0`).join(''));
      const archive = pack();
      archive.on('data', (chunk) => channel.write(chunk as Buffer));
      return answer(channel, archive);
    });
    try {
      return await collect('any', undefined, hostile.host);
    } finally {
      await hostile.close();
    }
  }

  function finish(channel: ServerChannel, output = ''): void {
    channel.write(output);
    channel.exit(0);
    channel.end();
  }

  function finishArchive(channel: ServerChannel, archive: Pack): void {
    archive.on('end', () => finish(channel));
    archive.finalize();
  }

  test('cannot send files outside of the folder, links, what was not asked for, or more than it said', async () => {
    const asked = ['../escape', 'a/../../b', '.ssh/authorized_keys', 'x'.repeat(500), 'link', 'hard', 'good.log'];

    const { taken, leftOut } = await collectFrom(asked, (channel, archive) => {
      for (const name of ['../escape', '/etc/cron.d/job', 'a/../../b', './.ssh/authorized_keys', 'x'.repeat(500)])
        archive.entry({ name }, 'evil');
      archive.entry({ name: 'link', type: 'symlink', linkname: '/etc/passwd' });
      archive.entry({ name: 'hard', type: 'link', linkname: '/etc/passwd' });
      archive.entry({ name: './good.log' }, 'good');
      archive.entry({ name: './good.log' }, 'again');
      archive.entry({ name: './other.log' }, 'other');
      finishArchive(channel, archive);
    });

    expect(taken).toEqual([['good.log', 'good']]);
    expect(leftOut.toSorted()).toEqual(
      [
        ...asked.slice(0, 4),
        ...asked.slice(0, 4),
        'etc/cron.d/job',
        'good.log',
        'hard',
        'link',
        'other.log',
      ].toSorted(),
    );
  });

  test('cannot name so much as left out that it fills the memory', async () => {
    const names = ['good.log', ...Array.from({ length: 1000 }, (_, number) => `not sent ${number}`)];

    const { taken, leftOut } = await collectFrom(names, (channel, archive) => {
      archive.entry({ name: 'good.log' }, 'good');
      finishArchive(channel, archive);
    });

    expect(taken).toEqual([['good.log', 'good']]);
    expect(leftOut).toHaveLength(200);
  });

  test('that sends no names to the end of what is looked at is not waited for', async () => {
    const hostile = await startHostileServer((channel) => {
      const more = () => {
        while (channel.write('x'.repeat(65_536)));
      };
      channel.on('drain', more);
      more();
    });

    const collected = collect('any', undefined, hostile.host);

    await expect(collected).rejects.toMatchObject({ code: 'ssh-unreachable' });
    await hostile.close();
  });

  test('that sends no archive, or a part of one, is told from one that is done', async () => {
    const garbage = collectFrom(['one.log'], (channel) => {
      channel.write(Buffer.alloc(10_000, 'garbage'));
      channel.exit(0);
      channel.end();
    });
    const cut = collectFrom(['one.log'], (channel, archive) => {
      archive.entry({ name: 'one.log' }, 'one');
      channel.end();
    });
    const half = collectFrom(['one.log'], (channel, archive) => {
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

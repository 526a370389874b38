import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { createSshRemoteJobs } from './ssh-remote-jobs.ts';
import { startHostileServer } from './testing/hostile-server.ts';
import { follow, jobOf } from './testing/follow.ts';
import { startSimulatedHost } from './testing/test-hosts.ts';
import type { TestHost } from './testing/test-hosts.ts';

const script = readFileSync(new URL('./follow-job.sh', import.meta.url), 'utf8');

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

function shell(command: string, argument: string) {
  return spawnSync('sh', ['-c', command, 'sh', argument], { encoding: 'utf8' });
}

describe('a full disk', () => {
  /** A job folder on a disk of that size. Only root can make one, and not in every container. */
  async function onSmallDisk(context: TestContext, size: string, run: (id: string) => Promise<void>): Promise<void> {
    const { id } = jobOf('');
    const folder = join(server.home, '.sidegate', id);
    await mkdir(folder, { recursive: true });
    const mounted = shell(`mount -t tmpfs -o size=${size} tmpfs "$1"`, folder);
    if (mounted.status !== 0) return context.skip(`a small disk cannot be made here: ${mounted.stderr.trim()}`);
    try {
      await run(id);
    } finally {
      shell('umount -l "$1"', folder);
    }
  }

  test.for([
    ['its own failure', 'false', 60_000],
    ['the end of its time', 'sleep 60', 2000],
  ] as const)('that the job itself has filled is told from %s', async ([, then, timeout], context) => {
    const script = `echo filling; head -c 5000000 /dev/zero >big || ${then}`;
    await onSmallDisk(context, '1M', async (id) => {
      const followed = follow(jobs, server.host, jobOf(script, { id, timeout }));

      const end = await followed.end;

      expect(end).toEqual({ kind: 'disk-full' });
      expect(followed.console().toString()).toContain('filling');
    });
  });

  test('on which the job cannot even be put refuses it, and nothing half is started', async (context) => {
    await onSmallDisk(context, '16k', async (id) => {
      const followed = follow(jobs, server.host, jobOf(`# ${'x'.repeat(100_000)}`, { id }));

      await expect(followed.end).rejects.toMatchObject({ code: 'disk-full' });
      expect(existsSync(join(server.home, '.sidegate', id, 'started'))).toBe(false);
    });
  });
});

test('a job of which only a part arrived is not started', async () => {
  const home = await mkdtemp(join(tmpdir(), 'half-a-job-'));
  const args = ['-c', script, 'sidegate', 'id', '1', '0', '1000'];

  const { status, stderr } = spawnSync('sh', args, {
    input: 'touch "$HOME"/started-half',
    env: { ...process.env, HOME: home },
  });
  const left = [existsSync(join(home, 'started-half')), existsSync(join(home, '.sidegate/id/started'))];
  await rm(home, { recursive: true });

  expect([status, stderr.toString().trim(), left]).toEqual([98, 'refused disk-full', [false, false]]);
});

test.skipIf(userInfo().uid === 0)('a home directory that takes no files refuses the job', () => {
  const args = ['-c', script, 'sidegate', 'id', '1', '0', '0'];

  const { status, stderr } = spawnSync('sh', args, { input: '', env: { ...process.env, HOME: '/proc' } });

  expect([status, stderr.toString()]).toEqual([96, expect.stringContaining('refused disk-full')]);
});

describe('a hostile server', () => {
  test('cannot fill the memory with control lines, nor end the job with words that are none', async () => {
    const phases: string[] = [];
    const hostile = await startHostileServer((channel) => {
      channel.stderr.write(`${'x'.repeat(3_000_000)}\nphase ${'y'.repeat(10_000)}\nend \nend exited NaN\n`);
      channel.stderr.write('end exited 1 0\n');
    });

    const end = await jobs.follow(hostile.host, jobOf('any'), {
      offset: 0,
      signal: new AbortController().signal,
      onConsole: async () => {},
      onPhase: (name) => void phases.push(name),
    });
    await hostile.close();

    expect(end).toEqual({ kind: 'lost' });
    expect(phases.every((name) => name.length < 5000)).toBe(true);
  });

  test('that ends the session without an end of the job is out of reach, not a result', async () => {
    const hostile = await startHostileServer((channel) => {
      channel.exit(0);
      channel.end();
    });

    const followed = follow(jobs, hostile.host, jobOf('any'));

    await expect(followed.end).rejects.toMatchObject({ code: 'ssh-unreachable' });
    await hostile.close();
  });

  test('that answers nothing is left when sidegate wants to stop', async () => {
    const hostile = await startHostileServer(() => {});
    const followed = follow(jobs, hostile.host, jobOf('any'));
    await jobs.checkLogin(hostile.host);

    followed.stop();

    await expect(followed.end).rejects.toMatchObject({ code: 'ssh-unreachable' });
    await hostile.close();
  });
});

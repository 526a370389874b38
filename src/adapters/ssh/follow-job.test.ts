import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { carryConflictStatus, mergeConflictStatus } from '../../domain/verdict.ts';
import { createSshRemoteJobs } from './ssh-remote-jobs.ts';
import { startCutProxy } from './testing/cut-proxy.ts';
import { follow, jobOf } from './testing/follow.ts';
import { startOpensshHost, startSimulatedHost, whyNoOpenssh } from './testing/test-hosts.ts';
import type { TestHost } from './testing/test-hosts.ts';

const noOpenssh = whyNoOpenssh();

describe('a job on a server of the simulated cloud', () => protocol(startSimulatedHost));
describe.skipIf(noOpenssh !== undefined)(
  `a job on an OpenSSH server${noOpenssh === undefined ? '' : ` (${noOpenssh})`}`,
  () => protocol(startOpensshHost),
);

function protocol(start: () => Promise<TestHost>): void {
  let server: TestHost;
  let jobs: ReturnType<typeof createSshRemoteJobs>;
  const folder = (id: string) => join(server.home, '.sidegate', id);

  beforeAll(async () => {
    server = await start();
    jobs = createSshRemoteJobs(server.privateKey);
  });
  afterAll(async () => {
    jobs.close();
    await server.close();
  });

  test('is started once although two owners with different epochs come at once', async () => {
    const job = jobOf('echo started | tee -a ../starts; until [ -e ../go ]; do sleep 0.05; done');
    const others = [2, 3].map((epoch) => follow(jobs, server.host, { ...job, epoch }));
    const newest = follow(jobs, server.host, { ...job, epoch: 4 });

    await newest.shows('started');
    await writeFile(join(folder(job.id), 'go'), '');
    const end = await newest.end;
    const ends = await Promise.allSettled(others.map((other) => other.end));

    expect(end).toEqual({ kind: 'exited', status: 0 });
    expect(await readFile(join(folder(job.id), 'starts'), 'utf8')).toBe('started\n');
    for (const other of ends)
      expect(other.status === 'fulfilled' ? other.value : other.reason).toMatchObject(
        other.status === 'fulfilled' ? { kind: 'exited', status: 0 } : { code: 'stale-epoch' },
      );
  });

  test('refuses an older epoch, also when it is over', async () => {
    const job = jobOf('echo done', { epoch: 5 });
    await follow(jobs, server.host, job).end;

    const older = follow(jobs, server.host, { ...job, epoch: 4 }).end;

    await expect(older).rejects.toMatchObject({ code: 'stale-epoch' });
  });

  test('gives its console byte for byte from any offset, binary bytes too, and its end again', async () => {
    const job = jobOf('head -c 1500000 /dev/urandom | tee ../expected; exit 3');
    const whole = follow(jobs, server.host, job);
    const end = await whole.end;
    const expected = await readFile(join(folder(job.id), 'expected'));

    const later = follow(jobs, server.host, { ...job, epoch: 2 }, 1_234_567);
    const again = await later.end;
    const atEnd = follow(jobs, server.host, { ...job, epoch: 3 }, expected.length);
    await atEnd.end;

    expect([end, again]).toEqual([
      { kind: 'exited', status: 3 },
      { kind: 'exited', status: 3 },
    ]);
    expect(whole.console().equals(expected)).toBe(true);
    expect(later.console().equals(expected.subarray(1_234_567))).toBe(true);
    expect(atEnd.console()).toHaveLength(0);
  });

  test('goes on when the connection is cut: a later owner gets the rest and the end', async () => {
    const proxy = await startCutProxy(server.host);
    const job = jobOf('echo one; until [ -e ../go ]; do sleep 0.05; done; head -c 300000 /dev/urandom | tee ../rest');
    const first = follow(jobs, proxy.host, job);
    await first.shows('one\n');

    proxy.cut();
    await expect(first.end).rejects.toMatchObject({ code: 'ssh-unreachable' });
    await writeFile(join(folder(job.id), 'go'), '');
    const later = follow(jobs, proxy.host, { ...job, epoch: 2 }, first.console().length);
    const end = await later.end;
    await proxy.close();

    expect(end).toEqual({ kind: 'exited', status: 0 });
    expect(first.console().toString()).toBe('one\n');
    expect(later.console().equals(await readFile(join(folder(job.id), 'rest')))).toBe(true);
  });

  test('goes on when sidegate stops following; that is told at once', async () => {
    const job = jobOf('echo one; until [ -e ../go ]; do sleep 0.05; done; echo two');
    const first = follow(jobs, server.host, job);
    await first.shows('one\n');

    first.stop();
    await expect(first.end).rejects.toMatchObject({ code: 'ssh-unreachable' });
    await writeFile(join(folder(job.id), 'go'), '');
    const later = follow(jobs, server.host, job);
    await later.end;

    expect(later.console().toString()).toBe('one\ntwo\n');
  });

  const killRunner = `p=$$
    until tr '\\0' ' ' <"/proc/$p/cmdline" | grep -q payload; do p=$(awk '/^PPid/ { print $2 }' "/proc/$p/status"); done
    echo last words; kill -9 "$p"`;

  test('is lost when its runner is killed', async () => {
    const followed = follow(jobs, server.host, jobOf(killRunner));

    const end = await followed.end;

    expect(end).toEqual({ kind: 'lost' });
    expect(followed.console().toString()).toBe('last words\n');
  });

  test('is lost when whoever started it died before the runner was there', async () => {
    const job = jobOf('echo never');
    await mkdir(join(folder(job.id), 'started'), { recursive: true });

    const end = await follow(jobs, server.host, job).end;

    expect(end).toEqual({ kind: 'lost' });
  });

  test('is stopped after its time', async () => {
    const followed = follow(jobs, server.host, jobOf('echo before; sleep 100; echo after', { timeout: 1000 }));

    const end = await followed.end;

    expect(end).toEqual({ kind: 'timed-out' });
    expect(followed.console().toString()).toBe('before\n');
  });

  test('may exit with the status of a time-out', async () => {
    const end = await follow(jobs, server.host, jobOf('exit 124')).end;

    expect(end).toEqual({ kind: 'exited', status: 124 });
  });

  test('is not killed by the limit of its console, which says that it was cut', async () => {
    const script = 'head -c 5000000 /dev/zero | tr "\\0" x; touch ../came-so-far';
    const job = jobOf(script, { consoleLimit: 1024 });
    const followed = follow(jobs, server.host, job);

    const end = await followed.end;

    expect(end).toEqual({ kind: 'exited', status: 0 });
    expect(followed.console().toString()).toBe(
      `${'x'.repeat(1024)}\n[sidegate: the console is longer than 1024 bytes, the rest was dropped]\n`,
    );
    expect(await readdir(folder(job.id))).toContain('came-so-far');
  });

  test('a console of very many small writes is whole, and comes while the job runs', async () => {
    const job = jobOf('for n in {1..5000}; do echo $n; done; until [ -e ../go ]; do sleep 0.05; done');
    const followed = follow(jobs, server.host, job);

    await followed.shows('\n5000\n');
    await writeFile(join(folder(job.id), 'go'), '');
    await followed.end;

    expect(followed.console().toString()).toBe(Array.from({ length: 5000 }, (_, n) => `${n + 1}\n`).join(''));
  });

  test('a console of exactly the limit is not cut', async () => {
    const followed = follow(jobs, server.host, jobOf("printf '%512s' end", { consoleLimit: 512 }));

    await followed.end;

    expect(followed.console().toString()).toBe('end'.padStart(512));
  });

  test('ends although it left a daemon that holds its console open', async () => {
    const job = jobOf('setsid sleep 300 & echo $! >../daemon; echo done');
    const followed = follow(jobs, server.host, job);

    const end = await followed.end;
    process.kill(Number(await readFile(join(folder(job.id), 'daemon'), 'utf8')));

    expect(end).toEqual({ kind: 'exited', status: 0 });
    expect(followed.console().toString()).toBe('done\n');
  });

  test('tells its phases; the first that fails ends it', async () => {
    const phases = [
      { name: 'fetch', script: 'touch fetched' },
      { name: 'test', script: 'ls; (exit 7) | cat; echo not reached' },
      { name: 'after', script: 'echo never' },
    ];
    const followed = follow(jobs, server.host, jobOf('', { phases }));

    const end = await followed.end;

    expect(end).toEqual({ kind: 'exited', status: 7 });
    expect(followed.phases).toEqual(['fetch', 'test']);
    expect(followed.console().toString()).toBe('fetched\n');
  });

  test('a phase that takes too long ends the job, and says which it was', async () => {
    const phases = [
      { name: 'fast', script: 'echo fast', timeout: 30_000 },
      { name: 'slow', script: 'echo slow; sleep 60', timeout: 1000 },
      { name: 'after', script: 'echo never' },
    ];
    const followed = follow(jobs, server.host, jobOf('', { phases }));

    expect(await followed.end).toEqual({ kind: 'timed-out' });
    expect(followed.phases).toEqual(['fast', 'slow']);
    expect(followed.console().toString()).toBe('fast\nslow\n');
  });

  test('the limit of the job goes over all phases, whatever theirs are', async () => {
    const phases = [
      { name: 'one', script: 'sleep 1', timeout: 30_000 },
      { name: 'two', script: 'sleep 60', timeout: 30_000 },
    ];
    const followed = follow(jobs, server.host, jobOf('', { phases, timeout: 2000 }));

    expect(await followed.end).toEqual({ kind: 'timed-out' });
  });

  test.each([mergeConflictStatus, carryConflictStatus])(
    'a phase is tried again as often as it may, but not when it ends with %s',
    async (final) => {
      const phases = [
        { name: 'mirror', script: 'echo try >>../tries; [ "$(wc -l <../tries)" -eq 3 ]', attempts: 3 },
        { name: 'fetch', script: `exit ${final}`, attempts: 3 },
      ];
      const job = jobOf('', { phases, retryPause: 1 });
      const followed = follow(jobs, server.host, job);

      expect(await followed.end).toEqual({ kind: 'exited', status: final });
      expect(followed.console().toString()).toBe(
        [2, 3].map((n) => `[sidegate: phase mirror ended with status 1, it is tried again: ${n} of 3]\n`).join(''),
      );
    },
  );

  test.each([
    ['a good end', 'true', { kind: 'exited', status: 0 }],
    ['a failure', 'exit 4', { kind: 'exited', status: 4 }],
    ['the limit of the job', 'sleep 60', { kind: 'timed-out' }],
  ] as const)(
    'phases that always run do so after %s, beside its limit, and change no result',
    async (_what, script, end) => {
      const phases = [
        { name: 'collect', script: 'echo "collect after $SIDEGATE_JOB_STATUS"; exit 5', timeout: 30_000, always: true },
        { name: 'test', script },
        { name: 'clean', script: 'sleep 2; echo clean', timeout: 30_000, always: true },
      ];
      const followed = follow(jobs, server.host, jobOf('', { phases, timeout: 1000 }));

      expect(await followed.end).toEqual(end);
      expect(followed.phases).toEqual(['test', 'collect', 'clean']);
      expect(followed.console().toString()).toMatch(
        /^collect after \d+\n\[sidegate: phase collect ended with status 5\]\nclean\n$/,
      );
    },
  );

  test('variables of the job may have any name without a part in how it is run', async () => {
    const environment = {
      status: '1',
      limit: '0',
      kind: 'x',
      phase: 'y',
      deadline: '0',
      timeout_seconds: '0',
      PATH: '',
    };
    const names = Object.keys(environment);
    const script = `printf '%s,' ${names.map((name) => `"$${name}"`).join(' ')}`;
    const followed = follow(
      jobs,
      server.host,
      jobOf(script, { environment: { ...environment, PATH: '/bin:/usr/bin' } }),
    );

    expect(await followed.end).toEqual({ kind: 'exited', status: 0 });
    expect(followed.console().toString()).toBe('1,0,x,y,0,0,/bin:/usr/bin,');
  });

  test('finds every environment value exactly as configured', async () => {
    const environment = {
      QUOTES: `it's "quoted" \\ and \\n stays`,
      LINES: 'one\n\ttwo\n\n',
      SHELL_SYNTAX: '$(touch /tmp/pwned) `id` ${HOME} $HOME !! ; rm -rf & | > < * ?',
      UNICODE: 'Zürich 東京 🚀 \u202e',
      EMPTY: '',
      HERE: "EOF\nSIDEGATE_0\n'EOF'",
      LONG: 'x'.repeat(30_000),
    };
    const names = Object.keys(environment);
    const script = `for name in ${names.join(' ')}; do printf '%s\\0' "\${!name}"; done`;
    const followed = follow(jobs, server.host, jobOf(script, { environment }));

    await followed.end;

    expect(followed.console().toString().split('\0').slice(0, -1)).toEqual(Object.values(environment));
  });

  test('has no input, and its scripts may hold here-documents and quotes', async () => {
    const script = `cat; cat <<'EOF'\n$(id) 'x' "y"\nEOF\necho "done"`;
    const followed = follow(jobs, server.host, jobOf(script));

    await followed.end;

    expect(followed.console().toString()).toBe(`$(id) 'x' "y"\ndone\n`);
  });

  test('a server with another host key than the pinned one is refused', async () => {
    const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJRPBbmfKDWxmAnKnGUg8cnKWc4ZDzyN4oIuDJqMjzUP';

    const login = jobs.checkLogin({ ...server.host, hostKeys: [other] });

    await expect(login).rejects.toMatchObject({ code: 'ssh-host-key' });
    await expect(jobs.checkLogin(server.host)).resolves.toBeUndefined();
  });
}

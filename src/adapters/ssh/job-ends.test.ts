import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSshRemoteJobs } from './ssh-remote-jobs.ts';
import { follow, jobOf } from './testing/follow.ts';
import { startOpensshHost, startSimulatedHost, whyNoOpenssh } from './testing/test-hosts.ts';
import type { TestHost } from './testing/test-hosts.ts';

const noOpenssh = whyNoOpenssh();

describe('the end of a job on a server of the simulated cloud', () => ends(startSimulatedHost));
describe.skipIf(noOpenssh !== undefined)(
  `the end of a job on an OpenSSH server${noOpenssh === undefined ? '' : ` (${noOpenssh})`}`,
  () => ends(startOpensshHost),
);

/** Processes that leave their parents: a background one, a session of its own, a daemon, and a daemon of another environment's session. */
const escapes = [
  'sleep 300 & echo $! >>../pids',
  'setsid sleep 300 & echo $! >>../pids',
  `setsid sh -c 'sleep 300 & echo $! >>../pids'`,
  `env -i sh -c 'setsid sleep 300 & echo $! >>../pids'`,
].join('\n');

/** Of the processes a job noted in `pids`, those that are there. */
async function alive(folder: string): Promise<readonly string[]> {
  const pids = (await readFile(join(folder, 'pids'), 'utf8')).trim().split('\n');
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ') Z')));
  return pids.filter((_, n) => !/\) [ZX]/.test(states[n]!));
}

function ends(start: () => Promise<TestHost>): void {
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

  const killRunner = `p=$$
    until tr '\\0' ' ' <"/proc/$p/cmdline" | grep -q payload; do p=$(awk '/^PPid/ { print $2 }' "/proc/$p/status"); done
    echo last words; kill -9 "$p"`;

  test('is out of memory when its runner is gone and the kernel killed something meanwhile', async () => {
    const script = `until [ -s ../oom-kills ]; do sleep 0.1; done; echo 'oom_kill -1' >../oom-kills; ${killRunner}`;

    expect(await follow(jobs, server.host, jobOf(script)).end).toEqual({ kind: 'out-of-memory' });
  });

  test('is out of memory when it failed and the kernel killed something meanwhile, not when it ended well', async () => {
    const killed = "until [ -s ../oom-kills ]; do sleep 0.1; done; echo 'oom_kill -1' >../oom-kills; exit ";
    const ends = [`${killed} 137`, `${killed} 0`].map((script) => follow(jobs, server.host, jobOf(script)).end);

    expect(await Promise.all(ends)).toEqual([{ kind: 'out-of-memory' }, { kind: 'exited', status: 0 }]);
  });

  test.each(['another boot', ''])('tells a reboot: the boot it began in is %j now', async (boot) => {
    const followed = follow(jobs, server.host, jobOf(`echo '${boot}' | tr -d '\n' >../boot-id; ${killRunner}`));

    expect(await followed.end).toEqual({ kind: 'rebooted' });
  });

  test('is silent when its runner is stopped, also to who attaches later', async () => {
    const job = jobOf('kill -STOP "$(cut -d " " -f 1 ../runner)"; echo stopped; sleep 60', { patience: 4000 });

    const first = await follow(jobs, server.host, job).end;
    const later = await follow(jobs, server.host, { ...job, epoch: 2 }).end;
    await jobs.stop(server.host, { ...job, epoch: 2 });

    expect([first, later]).toEqual([{ kind: 'silent' }, { kind: 'silent' }]);
  });

  test('is silent when nothing beats any more', async () => {
    const heart = `until [ "$(cut -d ' ' -f 2 ../heartbeat)" -gt 0 ]; do sleep 0.1; done
      read -r runner _ <../runner; for stat in /proc/[0-9]*/stat; do
        { read -r pid name state parent _ <"$stat"; } 2>/dev/null || continue
        [ "$parent" != "$runner" ] || [ "$name" != '(sh)' ] || kill -9 "$pid"
      done; sleep 60`;
    const job = jobOf(`echo one; ${heart}`, { patience: 4000 });

    const end = await follow(jobs, server.host, job).end;
    await jobs.stop(server.host, job);

    expect(end).toEqual({ kind: 'silent' });
  });

  test('says how long its console was at which time', async () => {
    const script = `echo one; until grep -q '^clock' ../control; do sleep 0.1; done; printf 123456; sleep 2.5; echo`;
    const followed = follow(jobs, server.host, jobOf(script));
    await followed.end;

    const clocks = followed.moments.filter((moment) => moment.kind === 'clock');
    const grown = followed.moments.filter((moment) => moment.kind === 'grown');

    expect(Math.abs(clocks[0]!.clock * 1000 - Date.now())).toBeLessThan(60_000);
    expect(grown.map(({ bytes }) => bytes)).toEqual([4, 10, 11]);
    expect(grown.map(({ uptime }) => uptime)).toEqual(grown.map(({ uptime }) => uptime).toSorted((a, b) => a - b));
  });

  test('that is stopped leaves no process, whatever became of it, and cannot be started any more', async () => {
    const script = `${escapes}; echo ready; sleep 300`;
    const job = jobOf(script, { epoch: 2 });
    const followed = follow(jobs, server.host, job);
    await followed.shows('ready');

    await jobs.stop(server.host, { ...job, epoch: 1 });
    const spared = await alive(folder(job.id));
    await jobs.stop(server.host, job);
    await jobs.stop(server.host, job);

    expect(spared).toHaveLength(4);
    expect(await alive(folder(job.id))).toEqual([]);
    expect(await followed.end).toEqual({ kind: 'lost' });
    expect(await follow(jobs, server.host, job).end).toEqual({ kind: 'lost' });
  });

  test('that was stopped before it came is not started', async () => {
    const job = jobOf('echo never');
    await mkdir(folder(job.id), { recursive: true });

    await jobs.stop(server.host, job);

    expect(await follow(jobs, server.host, job).end).toEqual({ kind: 'lost' });
  });

  test('a phase that takes too long is ended with all it started, before the phases that always run', async () => {
    const phases = [
      { name: 'service', script: 'setsid sleep 300 & echo $! >>../pids' },
      { name: 'slow', script: `${escapes}; sleep 300`, timeout: 2000 },
      {
        name: 'collect',
        script: 'for pid in $(cat ../pids); do grep -s "^State:.[^ZX]" /proc/$pid/status || true; done; echo looked',
        timeout: 9000,
        always: true,
      },
    ];
    const followed = follow(jobs, server.host, jobOf('', { phases }));

    expect(await followed.end).toEqual({ kind: 'timed-out' });
    expect(followed.phases).toEqual(['service', 'slow', 'collect']);
    expect(followed.console().toString()).toBe('looked\n');
  });
}

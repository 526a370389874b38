import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyHost, prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { SidegateError } from '../domain/errors.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { JobWatch } from '../ports/remote-jobs.ts';
import type { BuildContext } from './run-build.ts';
import { runJob } from './run-job.ts';

const exited: JobEnd = { kind: 'exited', status: 0 };

let builds: RunningBuilds;

beforeEach(async () => {
  builds = await prepareRunningBuilds();
});
afterEach(() => builds.drop());

/** A build whose job answers each attachment with the next of `answers`. */
function contextWith(
  answers: readonly ((watch: JobWatch) => Promise<JobEnd>)[],
  status?: string,
  parts: Partial<Parameters<RunningBuilds['create']>[0]> = {},
): Promise<BuildContext> {
  const left = [...answers];
  const phases = ['fetch', 'deploy', 'test'].map((name) => ({ name, script: '' }));
  const jobs = {
    follow: async (_host: unknown, _job: unknown, watch: JobWatch) => left.shift()!(watch),
    ...parts.jobs,
  };
  return builds.create({ ...parts, jobs, job: { phases }, status });
}

function consoleOf(context: BuildContext): Promise<string> {
  return builds.publishedFile(context, 'job-output.txt');
}

test('a job is followed on from the byte the log ends with when the connection broke', async () => {
  const offsets: number[] = [];
  const context = await contextWith([
    async (watch) => {
      offsets.push(watch.offset);
      await watch.onConsole(Buffer.from('one\n'));
      throw new SidegateError('ssh-unreachable', 'cut');
    },
    async (watch) => {
      offsets.push(watch.offset);
      await watch.onConsole(Buffer.from('two\n'));
      return exited;
    },
  ]);

  const end = await runJob(context, { host: anyHost, variables: {} });

  expect([end, offsets, await consoleOf(context)]).toEqual([exited, [0, 4], 'one\ntwo\n']);
});

const cut = async () => {
  throw new SidegateError('ssh-unreachable', 'cut');
};

test.each(['ACTIVE', 'MIGRATING', 'REBOOT', 'HARD_REBOOT', 'RESIZE', 'VERIFY_RESIZE', 'PASSWORD', 'UNKNOWN'])(
  'a job whose connection breaks while Nova calls its server %s is followed on',
  async (status) => {
    const context = await contextWith([cut, async () => exited], status);

    const end = await runJob(context, { host: anyHost, variables: {} });

    expect(end).toEqual(exited);
  },
);

test.each(['gone', 'DELETED', 'SOFT_DELETED', 'ERROR', 'SHUTOFF'])(
  'a job whose connection breaks and whose server is %s is lost with it',
  async (status) => {
    const context = await contextWith([cut], status);

    const followed = runJob(context, { host: anyHost, variables: {} });

    await expect(followed).rejects.toMatchObject({ code: 'server-lost' });
  },
);

const boot = '[    0.0] Linux version 6.1.0\r\nhost login: \r\n';
const panic = '[  812.1] Kernel panic - not syncing: Fatal exception\r\n';

test.each([
  ['a reboot', 'rebooted', boot + boot, 'rebooted'],
  ['a reboot after a panic', 'rebooted', boot + panic + boot, 'panicked'],
  ['a runner that vanished', 'lost', boot, 'lost'],
  ['a process that was killed for want of memory', 'out-of-memory', boot, 'out-of-memory'],
  ['a runner that was stopped', 'silent', boot, 'silent'],
] as const)(
  '%s is told as such, and the console of the server is published',
  async (_, kind, serverConsole, wanted) => {
    const ended = async () => ({ kind });
    const context = await contextWith([ended, ended], undefined, { serverConsole });

    const end = await runJob(context, { host: anyHost, variables: {} });

    expect(end).toEqual({ kind: wanted });
    expect(await builds.publishedFile(context, 'server-console.txt')).toBe(serverConsole);
  },
);

test('a runner that vanished is not believed to be alone: its server may be on its way down', async () => {
  const context = await contextWith([async () => ({ kind: 'lost' }), cut, async () => ({ kind: 'rebooted' })]);

  const end = await runJob(context, { host: anyHost, variables: {} });

  expect(end).toEqual({ kind: 'rebooted' });
});

test('a server that answers no more and shows a panic is not waited for', async () => {
  const checkLogin = async () => {
    throw new SidegateError('ssh-unreachable', 'silence');
  };
  const context = await contextWith([cut], undefined, { serverConsole: boot + panic, jobs: { checkLogin } });

  const followed = runJob(context, { host: anyHost, variables: {} });

  await expect(followed).rejects.toMatchObject({ code: 'server-panicked' });
  expect(await builds.publishedFile(context, 'server-console.txt')).toBe(boot + panic);
});

test('a job that ends by itself publishes no console of its server', async () => {
  const context = await contextWith([async () => exited], undefined, { serverConsole: boot });

  await runJob(context, { host: anyHost, variables: {} });

  expect(await builds.published(context)).not.toContain('server-console.txt');
});

test.each([
  ['answers', async () => {}, 1000],
  ['does not answer', () => new Promise<void>(() => {}), 8000],
])('a job that is cancelled is ended on its server, where that %s, in bounded time', async (_, stop, limit) => {
  const stopped: string[] = [];
  const cancelled = new AbortController();
  const hang = (watch: JobWatch) =>
    new Promise<JobEnd>((_resolve, reject) => {
      watch.signal.addEventListener('abort', () => reject(new SidegateError('ssh-unreachable', 'left')));
    });
  const context = await contextWith([hang], undefined, {
    jobs: {
      stop: (_host, job) => {
        stopped.push(`${job.id} ${job.epoch}`);
        return stop();
      },
    },
  });
  const followed = runJob({ ...context, signal: cancelled.signal }, { host: anyHost, variables: {} });
  followed.catch(() => {});

  const began = performance.now();
  setTimeout(() => cancelled.abort(), 300);

  await expect(followed).rejects.toMatchObject({ code: 'cancelled' });
  expect(stopped).toEqual([`${context.build.id} ${context.lease.epoch}`]);
  expect(performance.now() - began).toBeLessThan(limit);
});

test('a job that another process goes on with is not ended', async () => {
  const stops: string[] = [];
  const stale = async () => {
    throw new SidegateError('stale-epoch', 'newer');
  };
  const jobs = { stop: async (_host: unknown, { id }: { id: string }) => void stops.push(id) };
  const context = await contextWith([stale], undefined, { jobs });

  await expect(runJob(context, { host: anyHost, variables: {} })).rejects.toMatchObject({ code: 'stale-epoch' });
  expect(stops).toEqual([]);
});

test('the times of the console are published, and whole again by whoever attaches later', async () => {
  const tell = async (watch: JobWatch) => {
    watch.onTime?.({ kind: 'grown', uptime: 10, bytes: 4 });
    watch.onTime?.({ kind: 'clock', uptime: 11, clock: Date.UTC(2026, 10, 27) / 1000 });
    watch.onTime?.({ kind: 'grown', uptime: 13, bytes: 9 });
  };
  const broken = async (watch: JobWatch) => {
    await tell(watch);
    throw new SidegateError('ssh-unreachable', 'cut');
  };
  const context = await contextWith([
    broken,
    async (watch) => {
      await tell(watch);
      return exited;
    },
  ]);

  await runJob(context, { host: anyHost, variables: {} });

  expect(await builds.publishedFile(context, 'job-output.times')).toBe(
    '4 2026-11-26T23:59:59.000Z\n9 2026-11-27T00:00:02.000Z\n',
  );
});

test('phases are noted once, in order and only those of the job, whatever the test server says', async () => {
  const context = await contextWith([
    async (watch) => {
      for (const name of ['fetch', 'nonsense', '\0', 'deploy', 'fetch', 'test', 'deploy']) watch.onPhase(name);
      for (let time = 0; time < 10_000; time += 1) watch.onPhase('test');
      return exited;
    },
  ]);

  await runJob(context, { host: anyHost, variables: {} });
  const { rows: history } = await builds.rows.database.pool.query<{ phase: string }>(
    `select phase from build_history where phase is not null order by at`,
  );

  expect(history.map(({ phase: name }) => name)).toEqual(['fetch', 'deploy', 'test']);
  expect(await builds.rows.store.findBuild(context.build.id)).toMatchObject({ step: 'run', phase: 'test' });
});

test('a test server that ignores the limit of its console cannot fill the disk of sidegate', async () => {
  const context = await contextWith([
    async (watch) => {
      for (let time = 0; time < 1000; time += 1) await watch.onConsole(Buffer.alloc(50, 'x'));
      return exited;
    },
  ]);

  await runJob(context, { host: anyHost, variables: {} });

  expect(await consoleOf(context)).toHaveLength(200);
});

test('another owner with a newer epoch ends the following without a second try', async () => {
  const context = await contextWith([
    async () => {
      throw new SidegateError('stale-epoch', 'refused');
    },
  ]);

  const followed = runJob(context, { host: anyHost, variables: {} });

  await expect(followed).rejects.toMatchObject({ code: 'stale-epoch' });
});

test('a job is told what to merge in its order, and build.json proves it', async () => {
  let environment: Readonly<Record<string, string>> = {};
  const context = await builds.create({
    jobs: {
      follow: async (_host, job) => {
        environment = job.environment;
        return exited;
      },
    },
  });
  const patchset = context.build.tested as Patchset;
  const needed = {
    ...patchset,
    project: 'openstack/neutron',
    number: 7,
    ref: 'refs/changes/07/7/1',
    isAbandoned: false,
  };
  const ignored = ['Depends-On: x is not followed: it names no change.', 'Depends-On: y is not followed.'];
  const fix = { ...patchset, number: 9, ref: 'refs/changes/09/9/1', isAbandoned: false, reason: 'bug 1' };
  const carried = [
    { job: context.build.job, changes: [fix], left: ['Carried change 10 on review is merged.'] },
    { job: 'other', changes: [needed, fix].map((one) => ({ ...one, reason: '' })), left: ['Of another job.'] },
  ];
  const ancestors = [{ ...patchset, number: 8, isOutdated: false }];
  const dependencies = { changes: [needed], ancestors, ignored, carried };

  await runJob({ ...context, build: { ...context.build, dependencies } }, { host: anyHost, variables: {} });

  const lines = environment['SIDEGATE_CHANGES']?.split('\n').map((line) => line.split('\t'));
  expect(lines).toEqual([
    ['review', 'openstack/neutron', 'master', 'refs/changes/07/7/1', 'a'.repeat(40), 'http://gerrit'],
    ['review', 'openstack/nova', 'master', patchset.ref, 'a'.repeat(40), 'http://gerrit'],
  ]);
  expect(environment).toMatchObject({
    SIDEGATE_CARRIED_CHANGES: ['review', 'openstack/nova', 'master', fix.ref, 'a'.repeat(40), 'http://gerrit'].join(
      '\t',
    ),
    SIDEGATE_IGNORED_DEPENDENCIES: [...ignored, 'Carried change 10 on review is merged.'].join('\n'),
    SIDEGATE_MERGE_CONFLICT: '93',
    SIDEGATE_CARRY_CONFLICT: '94',
  });
  expect(JSON.parse(await builds.publishedFile(context, 'build.json'))).toMatchObject({
    dependencies: [{ project: 'openstack/neutron', change: 7, revision: 'a'.repeat(40) }],
    ancestors: [{ change: 8 }],
    ignoredDependencies: ignored,
    carried: [{ change: 9, patchset: 1, revision: 'a'.repeat(40), reason: 'bug 1' }],
    notCarried: ['Carried change 10 on review is merged.'],
  });
});

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { AccountName } from '../../lab/gerrit/accounts.ts';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { isInfra } from '../../src/domain/cause.ts';
import type { Cause } from '../../src/domain/cause.ts';
import { labelOf } from './cloud/cloud-stage.ts';
import { cloudFault, configure } from './world/faults.ts';
import { commented, lookAt } from './world/look.ts';
import { askSidegate } from './world/run-sidegate.ts';
import { phasesWithStack } from './world/scripted-job.ts';
import { startWorld } from './world/world.ts';
import type { Story, World } from './world/world.ts';

/** 300 were shown once; the ordinary run takes fewer. */
const changes = Number(process.env['SIDEGATE_CAUSE_BUILDS'] ?? 28);
const atOnce = 8;

interface Injected {
  /** Undefined: it goes well. */
  readonly cause: Cause | undefined;
  readonly signature?: string;
  readonly verified: -1 | 0 | 1;
  readonly story: Story;
  /** Its test servers do not boot. */
  readonly withoutServer?: true;
  /** A change of somebody else fails in the same way at the same time. */
  readonly together?: true;
}

const failed = (...names: readonly string[]) => ({
  tests: { 'story.create': 'pass' as const, ...Object.fromEntries(names.map((name) => [name, 'fail' as const])) },
});
const compute = (line: string) => ({ 'controller/logs/screen-n-cpu.txt': `INFO starting\n${line}\nINFO going on\n` });
const bytes = 'ERROR Unexpected internal error in ZVM SDK, error: cannot use a string pattern on a bytes-like object';
const reset = 'tempest.api.compute.test_server_actions.test_reboot_server_hard[id-1]';

/** One of each, over and over. */
const injected: readonly Injected[] = [
  { cause: undefined, verified: 1, story: { prints: ['W: Failed to fetch http://mirror', 'all is well'] } },
  { cause: 'patch', verified: -1, story: failed('story.delete') },
  {
    cause: 'mirror',
    signature: 'apt-mirror',
    verified: 0,
    story: { stack: { prints: ['E: Failed to fetch http://mirror.example.org/InRelease'], exit: 100 } },
  },
  {
    cause: 'mirror',
    signature: 'git-fetch',
    verified: 0,
    story: {
      stack: {
        prints: ['fatal: the remote end hung up unexpectedly', '[ERROR] /opt/stack/devstack/functions-common:627 git'],
        exit: 1,
      },
    },
  },
  {
    cause: 'devstack',
    signature: 'devstack-error',
    verified: 0,
    story: { stack: { prints: ['[ERROR] /opt/stack/devstack/stack.sh:227 no keystone'], exit: 1 } },
  },
  { cause: 'devstack', verified: 0, story: { stack: { exit: 2 } } },
  {
    cause: 'lab-wide',
    verified: 0,
    story: { stack: { prints: ['mysqld: cannot allocate', 'gave up'], seconds: 2, exit: 9 } },
    together: true,
  },
  // Known by name, though others fail of it too.
  {
    cause: 'mirror',
    signature: 'apt-mirror',
    verified: 0,
    story: { stack: { prints: ['E: Failed to fetch http://mirror.example.org/Packages'], seconds: 2, exit: 100 } },
    together: true,
  },
  { cause: 'job', verified: 0, story: { exit: 3 } },
  { cause: 'flaky', verified: 0, story: { ...failed('story.delete'), again: { 'story.delete': 'pass' } } },
  {
    cause: 'patch',
    verified: -1,
    story: { ...failed('story.delete', 'story.list'), again: { 'story.delete': 'pass', 'story.list': 'fail' } },
  },
  { cause: 'job', verified: 0, story: { logs: { 'selection.txt': 'story.test\nstory.never_ran\n' } } },
  { cause: 'timeout', verified: 0, story: { stack: { seconds: 600 } } },
  {
    cause: 'disk',
    signature: 'disk-full',
    verified: 0,
    story: { ...failed('story.delete'), logs: compute('OSError: [Errno 28] No space left on device') },
  },
  {
    cause: 'server',
    signature: 'out-of-memory',
    verified: 0,
    story: { ...failed('story.list'), prints: ['[42.1] Out of memory: Killed process 1234 (mysqld) total-vm:1kB'] },
  },
  {
    cause: 'network',
    signature: 'config-drive-fetch',
    verified: 0,
    story: {
      ...failed('story.boot'),
      logs: compute('Deploy instance ZA000028 failed with reason: scp root@h:/x/cfgdrive.iso: Connection refused'),
    },
  },
  {
    cause: 'backend',
    signature: 'feilong-reset-bytes',
    verified: 0,
    story: { ...failed(reset), logs: compute(bytes) },
  },
  // The known bug explains one of the tests alone.
  { cause: 'patch', verified: -1, story: { ...failed(reset, 'story.delete'), logs: compute(bytes) } },
  {
    cause: 'patch',
    signature: 'config-drive-gone',
    verified: -1,
    story: {
      ...failed('story.boot'),
      logs: compute(
        'Deploy instance ZA000028 failed with reason: scp root@h:/x/cfgdrive.iso: No such file or directory',
      ),
    },
  },
  { cause: 'cloud', signature: 'cloud-hosts-exhausted', verified: 0, story: {}, withoutServer: true },
];

interface Attempt {
  readonly result: string;
  readonly cause: {
    readonly kind: Cause;
    readonly signature?: { readonly id: string };
    readonly lines: object[];
  } | null;
}

describe(`${changes} changes whose builds fail of all kinds of things`, () => {
  let world: World;
  let url: string;

  beforeAll(async () => {
    world = await startWorld({ instances: 40 });
    await configure(world, (story) => Object.assign(story, configurationOf(world)));
    ({ url } = (await world.startSidegate()).ready);
    await cloudFault(world, { fault: 'create-error', zone: 'zone-b', rate: 1 });
  });
  afterAll(() => world.stop());

  test('each is told its cause, and infrastructure never votes -1', { timeout: 3_000_000 }, async () => {
    const pushed = await pushAll(world);
    const told = await Promise.all(
      pushed.map(async ({ change, wanted }) => ({
        wanted,
        view: await lookAt(world, change),
        attempts: await attemptsOf(world, change),
      })),
    );

    expect(told.map(({ attempts }) => attempts.map(({ cause }) => cause?.kind))).toEqual(
      told.map(({ attempts, wanted }) => attempts.map(() => wanted.cause)),
    );
    expect(told.map(({ attempts }) => attempts.at(-1)?.cause?.signature?.id)).toEqual(
      told.map(({ wanted }) => wanted.signature),
    );
    expect(told.map(({ view }) => view.verified)).toEqual(told.map(({ wanted }) => wanted.verified));
    expect(told.map(({ view }) => view.comments.length)).toEqual(told.map(() => 1));
    const blamed = told.filter(({ view }) => view.verified < 0).flatMap(({ attempts }) => attempts);
    expect(blamed.filter(({ cause }) => cause && isInfra(cause.kind))).toEqual([]);
    const failures = told.flatMap(({ attempts }) => attempts).filter(({ result }) => result !== 'SUCCESS');
    expect(failures.filter(({ cause }) => (cause?.lines.length ?? 0) === 0)).toEqual([]);
  });

  test('the cause is in comment and API', async () => {
    const change = await world.push(injected[2]!.story);
    const { comments } = await commented(world, change, 1, 240_000);
    const builds = (await (await fetch(`${url}/api/builds?change=${change.change}`)).json()) as { id: string }[];
    const build = (await (await fetch(`${url}/api/builds/${builds[0]!.id}`)).json()) as object;

    expect(comments[0]?.message).toContain('A mirror of packages could not be read. The job ended with status 100');
    expect(comments[0]?.message).toContain('  cause: a mirror of packages or a git server');
    expect(build).toMatchObject({
      result: 'NODE_FAILURE',
      cause: { kind: 'mirror', signature: { id: 'apt-mirror' } },
      causeLines: [{ log: 'job-output.txt', text: 'E: Failed to fetch http://mirror.example.org/InRelease' }],
      signatures: [{ signature: 'apt-mirror', log: 'job-output.txt' }],
    });
  });

  test('what was found while logs came is found again in the published ones; a new signature changes what it should', async () => {
    const today = await askSidegate(world, 'signatures', 'test', '--limit', '2000');
    await mkdir(join(world.directory, 'own'));
    const own = { id: 'delete-hangs', title: 'Deletes hang now and then', cause: 'flaky', logs: ['job-output.txt'] };
    await writeFile(
      join(world.directory, 'own', 'delete-hangs.yaml'),
      stringify({ ...own, any: ['^story of'], tests: ['story.delete'] }),
    );
    await writeFile(
      world.config,
      stringify({ ...(parse(await readFile(world.config, 'utf8')) as object), signatures: ['./own'] }),
    );
    const tomorrow = await askSidegate(world, 'signatures', 'test', '--limit', '2000');
    const file = join(world.directory, 'saved console');
    await writeFile(file, 'one\nE: Failed to fetch http://mirror\n');
    const inFile = await askSidegate(world, 'signatures', 'test', file);

    expect(today).toMatch(/^\d+ builds, 0 would get another cause\.$/m);
    expect(today).toMatch(/^apt-mirror +[1-9]\d* +0 +0$/m);
    expect(tomorrow).toMatch(/story: patch -> flaky \(delete-hangs\)/);
    expect(tomorrow).toMatch(/^delete-hangs +\d+ +\d+ +0  found in builds that passed: too general\?$/m);
    expect(inFile).toMatch(/: apt-mirror\n  2: E: Failed to fetch http:\/\/mirror\n/);
  });
});

function configurationOf({ cloud, recorder }: World): object {
  const label = (changed: object) => labelOf(cloud, { boot_timeout: '1m', max: 20, ...changed });
  const job = {
    timeout: '40s',
    attempts: 2,
    test_results: 'testrepository.subunit',
    test_results_again: 'testrepository-again.subunit',
    test_selection: 'selection.txt',
    phases: phasesWithStack(recorder.url),
  };
  const nova = { gerrit: 'review', project: 'openstack/nova', branches: ['master'] };
  return {
    labels: [
      label({ availability_zones: ['nova'] }),
      label({ name: 'nowhere', availability_zones: ['zone-b'], boot_attempts: 1 }),
    ],
    backends: [],
    jobs: [
      { ...job, name: 'story', label: 'small' },
      { ...job, name: 'nowhere', label: 'nowhere' },
    ],
    projects: [
      { ...nova, owners: ['dev', 'zuul'], pipelines: { check: ['story'] } },
      { ...nova, owners: ['admin'], pipelines: { check: ['nowhere'] } },
    ],
    // They fail alike, change after change.
    storm_brake: { failures: 0 },
  };
}

interface Pushed {
  readonly change: PushedPatchset;
  readonly wanted: Injected;
}

/** At most so many changes wait for their votes at a time. */
async function pushAll(world: World): Promise<readonly Pushed[]> {
  const pushed: Pushed[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < changes) {
      const wanted = injected[begun % injected.length]!;
      begun += 1;
      const push = async (author: AccountName) => {
        const change = await world.push(wanted.story, undefined, `Fails of ${wanted.cause ?? 'nothing'}`, author);
        pushed.push({ change, wanted });
        await commented(world, change, 1, 3_000_000);
      };
      await Promise.all([push(wanted.withoutServer ? 'admin' : 'dev'), ...(wanted.together ? [push('zuul')] : [])]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return pushed;
}

async function attemptsOf(world: World, { change }: PushedPatchset): Promise<readonly Attempt[]> {
  const { rows } = await world.database.pool.query<Attempt>(
    `select b.result, b.cause from builds b join buildsets s on s.id = b.buildset where s.change_number = $1 order by attempt`,
    [change],
  );
  return rows;
}

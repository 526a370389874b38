import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from './load.ts';
import { problemText } from './problem.ts';
import { describeConfiguration } from './redact.ts';
import { loadIn, minimalWith, problemsIn } from './testing/load.ts';
import { createWorkspace, hostKey, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const load = (text: string, env: Readonly<Record<string, string>> = {}) => loadIn(workspace, text, env);
const problemsOf = (text: string, env: Readonly<Record<string, string>> = {}) => problemsIn(workspace, text, env);

describe('a good file', () => {
  test('gives the configuration with defaults and absolute paths', async () => {
    const configuration = await load(minimal);

    expect(configuration).toMatchObject({
      state: { directory: join(workspace.folder, 'state'), databaseUrl: undefined },
      web: { host: '127.0.0.1', port: 8000, publicUrl: 'https://ci.example.com' },
      logs: { directory: join(workspace.folder, 'logs') },
      ssh: { privateKeyFile: undefined },
      logLevel: 'info',
      warnings: [],
      clouds: [{ name: 'ci-cloud', region: 'RegionOne', interface: 'public', verify: true, apiTimeout: 60_000 }],
    });
    expect(configuration.gerrit[0]).toMatchObject({
      sshPort: 29_418,
      hostKeys: [hostKey],
      url: 'https://review.example.org',
      keepaliveInterval: 15_000,
      keepaliveCount: 3,
    });
    expect(configuration.gerrit[0]?.password.reveal()).toBe('hunter2');
  });

  test('gives the flow its settings', async () => {
    const { settings } = await load(minimal);

    expect(settings.jobs[0]).toEqual({
      name: 'tempest',
      label: 'devstack',
      backend: { kind: 'shared' },
      phases: [{ name: 'run', script: 'echo hello', attempts: 1, always: false, timeout: undefined }],
      timeout: 10_800_000,
      attempts: 3,
      voting: true,
      testResults: undefined,
      artifacts: [],
      environment: {},
      excluded: [],
    });
    expect(settings.pipelines[0]?.triggers).toEqual([{ event: 'patchset-created' }, { event: 'recheck', names: [] }]);
    expect(settings.projects[0]).toEqual({
      connection: 'review',
      project: 'openstack/nova',
      branches: ['master'],
      pipelines: { check: ['tempest'] },
      filter: { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: true, private: true },
      votes: 'full',
    });
    expect(settings.limits).toEqual({
      console: 104_857_600,
      artifacts: 1_073_741_824,
      artifactFiles: 5000,
      unreachable: 600_000,
    });
  });

  test('may keep scripts in files', async () => {
    await workspace.write('fetch.sh', 'git fetch\n');

    const { settings } = await load(minimalWith('run: echo hello', 'script: ./fetch.sh'));

    expect(settings.jobs[0]?.phases).toEqual([
      { name: 'run', script: 'git fetch\n', attempts: 1, always: false, timeout: undefined },
    ]);
  });

  test('may ask for one back end by name, or for none', async () => {
    const named = await load(minimalWith('backend: shared', 'backend: lpar1'));
    const none = await load(minimalWith('    backend: shared\n', ''));

    expect(named.settings.jobs[0]?.backend).toEqual({ name: 'lpar1' });
    expect(none.settings.jobs[0]?.backend).toBeUndefined();
  });

  test('takes host keys as ssh-keyscan prints them', async () => {
    const { gerrit } = await load(
      minimalWith(`host_key: ${hostKey}`, `host_key: ["[review.example.org]:29418 ${hostKey} note"]`),
    );

    expect(gerrit[0]?.hostKeys).toEqual([hostKey]);
  });

  test('takes the database from the key or from DATABASE_URL, the key first', async () => {
    const withKey = minimalWith('web:', 'state: {database_url: {env: MY_DB}}\nweb:');

    const fromKey = await load(withKey, { MY_DB: 'postgresql://a/one', DATABASE_URL: 'postgresql://a/two' });
    const fromEnv = await load(minimal, { DATABASE_URL: 'postgres://a/two' });

    expect(fromKey.state.databaseUrl?.reveal()).toBe('postgresql://a/one');
    expect(fromEnv.state.databaseUrl?.reveal()).toBe('postgres://a/two');
  });

  test('takes an operator password that is not too short', async () => {
    const withPassword = minimalWith('web: {', 'web: {operator_password: {env: PASSWORD}, ');

    const loaded = await load(withPassword, { PASSWORD: 'correct horse battery' });
    const short = load(withPassword, { PASSWORD: 'short' });

    expect(loaded.web.operatorPassword?.reveal()).toBe('correct horse battery');
    await expect(short).rejects.toThrow('the password is shorter than 12 characters');
  });

  test('shows no secret when it is described, inspected or serialised', async () => {
    const configuration = await load(minimal, { DATABASE_URL: 'postgresql://u:hunter2@db/x' });
    const { clouds: _plain, ...rest } = configuration;

    const seen = [
      JSON.stringify(describeConfiguration(configuration)),
      inspect(rest, { depth: 20 }),
      JSON.stringify(rest),
    ].join();

    expect(seen).not.toContain('hunter2');
    expect(seen).not.toContain('PRIVATE KEY');
    expect(describeConfiguration(configuration)).toMatchObject({
      gerrit: [{ username: 'example-zvm-ci', password: '***', privateKey: '***' }],
      clouds: [{ authUrl: 'https://keystone.example.com:5000/v3', credential: { username: 'ci', password: '***' } }],
      settings: { jobs: [{ phases: [{ name: 'run', script: '10 bytes' }] }] },
    });
  });
});

test.each([
  ['', 'must be a map of keys'],
  ['- a', 'must be a map of keys'],
  ['42', 'must be a map of keys'],
  [
    'a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]',
    'Excessive alias count',
  ],
  ['['.repeat(20_000), 'error:'],
  ['a'.repeat(1024 * 1024 + 1), 'larger than 1 MiB'],
  ['a: "\0"', 'is no text file'],
])('hostile content is refused with a problem (%#)', async (content, expected) => {
  expect((await problemsOf(content)).join('\n')).toContain(expected);
});

test('a file that is missing or a folder is a problem, not a crash', async () => {
  await expect(loadConfiguration(join(workspace.folder, 'none.yaml'), {})).rejects.toThrow('none.yaml does not exist');
  await expect(loadConfiguration(workspace.folder, {})).rejects.toThrow('is no file');
});

describe('a warning lets sidegate start', () => {
  test('when others can read a secret', async () => {
    await workspace.write('open-password', 'x', 0o644);

    const { warnings } = await load(minimalWith('./gerrit-password', './open-password'));

    expect(warnings.map(problemText).join()).toMatch(
      /sidegate\.yaml:12:\d+: warning: gerrit\[0\]\.password\.file: every user .* Run `chmod 600 /,
    );
  });

  test.each([
    [
      'reviewers cannot open the links',
      'https://ci.example.com',
      'http://127.0.0.1:8000',
      'reviewers cannot open this address',
    ],
    [
      'the links name an IP address',
      'https://ci.example.com',
      'https://192.0.2.1',
      'a DNS name instead of an IP address',
    ],
    ['there is no wiki page', 'wiki_url: https://wiki.example.org/zvm-ci\n', '', 'wiki_url: is missing.'],
    [
      'a job is never used',
      'jobs:\n',
      'jobs:\n  - {name: idle, label: devstack, phases: [{name: x, run: x}]}\n',
      'no project uses idle',
    ],
  ])('when %s', async (_name, part, replacement, expected) => {
    const { warnings } = await load(minimalWith(part, replacement));

    expect(warnings.map(problemText).join()).toContain(expected);
  });

  test('and there is none about links when Gerrit is on this machine too', async () => {
    const local = minimalWith('https://ci.example.com', 'http://127.0.0.1:8000').replace(
      'host: review.example.org',
      'host: 127.0.0.1',
    );

    expect((await load(local)).warnings).toEqual([]);
  });
});

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const scripts = join(import.meta.dirname, '../jobs/zvm-devstack-tempest');

let folder: string;
let workspace: string;
let stack: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devstack-job-'));
  workspace = join(folder, 'workspace');
  stack = join(folder, 'stack');
  await mkdir(workspace);
  await mkdir(stack);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a phase as a test server does. */
async function phase(name: string, environment: Record<string, string>): Promise<{ status: number; output: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    STACK_FOLDER: stack,
    SIDEGATE_WORKSPACE: workspace,
    SIDEGATE_ARTIFACTS: join(folder, 'artifacts'),
    SIDEGATE_BRANCH: 'master',
    SIDEGATE_PROJECT: 'openstack/nova',
    SIDEGATE_FEILONG_URL: 'http://127.0.0.1:18000',
    SIDEGATE_INSTANCE_NAME_TEMPLATE: 'za0%05x',
    // Without it the script asks `ip`, which not every machine has.
    HOST_IP: '192.0.2.5',
    ...environment,
  };
  try {
    const options = { cwd: workspace, env };
    const { stdout, stderr } = await run('bash', ['-eu', '-o', 'pipefail', join(scripts, `${name}.sh`)], options);
    return { status: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout + stderr };
  }
}

async function repository(path: string, content: string): Promise<string> {
  await mkdir(path, { recursive: true });
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], { cwd: path });
  await git('init', '--quiet', '--initial-branch=master');
  await writeFile(join(path, 'content'), content);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', content);
  return (await git('rev-parse', 'HEAD')).stdout.trim();
}

describe('devstack.sh', () => {
  test('puts devstack, the change and what it depends on where stack.sh looks, and proves the commits, also a second time', async () => {
    const source = join(folder, 'devstack-origin');
    const devstack = await repository(source, 'devstack');
    const nova = await repository(join(workspace, 'source'), 'the change');
    const neutron = await repository(join(workspace, 'dependencies/review/openstack/neutron'), 'needed');

    await phase('devstack', { DEVSTACK_REPOSITORY: source });
    const { output, status } = await phase('devstack', { DEVSTACK_REPOSITORY: source });

    expect(status).toBe(0);
    expect(output).toContain(`devstack is ${devstack} devstack`);
    expect(output).toContain(`${stack}/nova is ${nova} the change`);
    expect(output).toContain(`${stack}/neutron is ${neutron} needed`);
    expect(await readFile(join(stack, 'nova/content'), 'utf8')).toBe('the change');
  });

  test('refuses a branch whose release is over, with the reason', async () => {
    const source = join(folder, 'devstack-origin');
    await repository(source, 'devstack');

    const { output, status } = await phase('devstack', {
      DEVSTACK_REPOSITORY: source,
      SIDEGATE_BRANCH: 'stable/ocata',
    });

    expect(status).toBe(1);
    expect(output).toContain('devstack has no branch stable/ocata: its release is no longer maintained.');
  });

  test('takes an unmaintained branch, and names it where a change is still for the stable one', async () => {
    const source = join(folder, 'devstack-origin');
    await repository(source, 'devstack');
    await repository(join(workspace, 'source'), 'the change');
    await run('git', ['branch', 'unmaintained/2023.1'], { cwd: source });

    const good = await phase('devstack', { DEVSTACK_REPOSITORY: source, SIDEGATE_BRANCH: 'unmaintained/2023.1' });
    const old = await phase('devstack', { DEVSTACK_REPOSITORY: source, SIDEGATE_BRANCH: 'stable/2023.1' });

    expect(good.status).toBe(0);
    expect(old).toEqual({
      status: 1,
      output: expect.stringContaining('What goes on is its branch unmaintained/2023.1.'),
    });
  });

  test('a mirror that does not answer is no branch that is over', async () => {
    const { output, status } = await phase('devstack', { DEVSTACK_REPOSITORY: join(folder, 'nowhere') });

    expect(status).toBe(1);
    expect(output).not.toContain('no longer maintained');
  });
});

describe('local-conf.sh', () => {
  beforeEach(() => mkdir(join(stack, 'devstack'), { recursive: true }));

  const conf = () => readFile(join(stack, 'devstack/local.conf'), 'utf8');

  test('says what the slot has, and is published as it is', async () => {
    const { status } = await phase('local-conf', {
      SIDEGATE_BASE_MAC: '02:00:00:a1:00:00',
      SIDEGATE_FIRST_ADDRESS: '192.0.2.10',
      SIDEGATE_LAST_ADDRESS: '192.0.2.19',
      SIDEGATE_VLANS: '100:109',
      ZVM_VSWITCH: 'vsw9',
      DEVSTACK_LOCALRC: 'PIP_UPGRADE=True',
    });
    const text = await conf();

    expect(status).toBe(0);
    expect(text).toContain('\nHOST_IP=192.0.2.5\n');
    expect(text).toContain('\ninstance_name_template=za0%05x\n');
    expect(text).toContain('\ncloud_connector_url=http://127.0.0.1:18000\n');
    expect(text).toContain('\n[[post-config|$NEUTRON_CONF]]\n[DEFAULT]\nbase_mac=02:00:00:a1:00:00\n');
    expect(text).toContain('\nALLOCATION_POOL="start=192.0.2.10,end=192.0.2.19"\n');
    expect(text).toContain('\nFIXED_RANGE=192.0.2.0/24\nNETWORK_GATEWAY=192.0.2.1\n');
    expect(text).toContain('\nQ_ML2_TENANT_NETWORK_TYPE=vlan\n');
    expect(text).toContain('\ncreate_isolated_networks=True\n');
    expect(text).toContain('\nnetwork_vlan_ranges=vsw9:100:109\n');
    expect(text).toContain('\nPIP_UPGRADE=True\n');
    expect(await readFile(join(folder, 'artifacts/controller/logs/local_conf.txt'), 'utf8')).toBe(text);
  });

  test('leaves out what the slot has not', async () => {
    await phase('local-conf', {});
    const text = await conf();

    expect(text).not.toMatch(/NEUTRON_CONF|base_mac|vlan/);
    expect(text.match(/^.*=$/gm)).toEqual(['ML2_L3_PLUGIN=']);
    // A flat network is one: projects cannot make more of them.
    expect(text).toContain('\ncreate_isolated_networks=False\n[compute]\nfixed_network_name=vsw2\n');
  });
});

describe('plugin.sh', () => {
  /** What the plugin does in a phase of devstack's. */
  async function called(mode: string): Promise<string> {
    const around =
      'pip_install() { echo "pip: $*"; }; openstack() { echo "openstack: $*"; [ "$4" != show ]; }; curl() { echo "curl: $*"; }';
    const plugin = join(stack, 'devstack-plugin-zvm/devstack');
    const script = `set -eu; DATA_DIR=${folder}; ${around}; . ${plugin}/override-defaults; set -- ${mode}; . ${plugin}/plugin.sh; neutron_plugin_create_nova_conf`;
    return (await run('bash', ['-c', script])).stdout;
  }

  test('names an image that is missing', async () => {
    const { output, status } = await phase('plugin', {});

    expect(status).toBe(1);
    expect(output).toContain('ZVM_IMAGE is not set');
  });

  test('installs what nova needs, and uploads the image under an id that stays the same', async () => {
    const environment = {
      ZVM_IMAGE: "https://mirror.example.com/it's.img",
      ZVM_PACKAGES: 'zVMCloudConnector>=1.6 networking-zvm',
    };
    await phase('plugin', environment);
    const first = await called('stack extra');
    const { status } = await phase('plugin', environment);

    expect(status).toBe(0);
    expect(await called('stack install')).toBe('pip: zVMCloudConnector>=1.6 networking-zvm\n');
    expect(await called('stack extra')).toBe(first);
    expect(first).toContain("https://mirror.example.com/it's.img\n");
    expect(first).toMatch(
      /image create --id [\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12} .*--property os_distro=ubuntu20\.04 /,
    );
    expect(await called('stack post-config')).toBe('');
  });
});

describe('tempest.sh', () => {
  // Where tempest is installed it would run: no test of what is left out.
  beforeEach(async () => {
    const programs = join(stack, 'tempest/.tox/tempest/bin');
    await mkdir(programs, { recursive: true });
    await writeFile(join(programs, 'stestr'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  });

  test('excludes with reason and day, and tells what is tested again because its day has come', async () => {
    const exclude = '2999-01-01 test_resize z/VM has no resize\n\n2020-01-01 test_old bug 1 was fixed\n';

    const { output } = await phase('tempest', { TEMPEST_EXCLUDE: exclude });

    expect(output).toContain('Excluded until 2999-01-01: test_resize (z/VM has no resize)');
    expect(output).toContain('EXPIRED on 2020-01-01, so it is tested again: test_old (bug 1 was fixed)');
    expect(await readFile(join(stack, 'tempest/exclude-list.txt'), 'utf8')).toBe(
      '# z/VM has no resize, until 2999-01-01\ntest_resize\n',
    );
  });

  test('excludes what presets name, for ever or until a day, and entries with an id', async () => {
    const { output } = await phase('tempest', {
      SIDEGATE_PRESET_TESTS:
        'rescue never [Rr]escue no rescue\nold 2020-01-01 test_old bug 1\n- 2999-01-01 test_new bug 2',
      TEMPEST_EXCLUDE: 'slow 2999-01-01 test_slow takes hours',
    });

    expect(output).toContain('Excluded: rescue: [Rr]escue (no rescue)');
    expect(output).toContain('EXPIRED on 2020-01-01, so it is tested again: old: test_old (bug 1)');
    expect(output).toContain('Excluded until 2999-01-01: slow: test_slow (takes hours)');
    expect(await readFile(join(stack, 'tempest/exclude-list.txt'), 'utf8')).toBe(
      '# rescue: no rescue\n[Rr]escue\n# -: bug 2, until 2999-01-01\ntest_new\n# slow: takes hours, until 2999-01-01\ntest_slow\n',
    );
  });

  test.each([
    'id never test_resize z/VM has none',
    'test_resize z/VM has none',
    '2999-01-01',
    '2999-01-01 test_resize',
    '2999-1-1 x y',
  ])('refuses the line %j before anything is tested', async (line) => {
    const { output, status } = await phase('tempest', { TEMPEST_EXCLUDE: line });

    expect(status).toBe(1);
    expect(output).toContain('is not a day, a regular expression and a reason');
  });
});

describe('collect.sh', () => {
  /** Of a system that is not this machine's. */
  async function collected(files: Readonly<Record<string, string>>): Promise<(name: string) => Promise<string>> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const { status } = await phase('collect', { SYSTEM_FOLDER: join(folder, 'system') });
    expect(status).toBe(0);
    return (name) => readFile(join(folder, 'artifacts/controller/logs', name), 'utf8');
  }

  test('never fails, whatever is not there', async () => {
    await collected({});
  });

  test("publishes what devstack's and tempest's jobs do, under the names they have there", async () => {
    const files = {
      'stack/devstack/local.conf': 'local_conf.txt',
      'stack/devstack/.stackenv': '_stackenv.txt',
      'stack/devstack/tempest.log': 'verify_tempest_conf_log.txt',
      'stack/logs/devstacklog.txt': 'devstacklog.txt',
      'stack/logs/dstat-csv.log': 'dstat-csv_log.txt',
      'stack/tempest/etc/tempest.conf': 'tempest_conf.txt',
      'stack/tempest/etc/accounts.yaml': 'accounts_yaml.txt',
      'stack/tempest/tempest.log': 'tempest_log.txt',
      'system/etc/nova/nova-cpu.conf': 'etc/nova/nova-cpu_conf.txt',
      'system/etc/neutron/plugins/ml2/ml2_conf.ini': 'etc/neutron/plugins/ml2/ml2_conf.ini',
      'system/etc/apache2/sites-enabled/nova-api.conf': 'apache_config/nova-api_conf.txt',
      'system/var/log/apache2/access.log': 'apache/access_log.txt',
      'system/var/log/rabbitmq/rabbit@host.log': 'rabbitmq/rabbit@host_log.txt',
    };

    const published = await collected(Object.fromEntries(Object.keys(files).map((path) => [path, `was ${path}`])));

    for (const [path, name] of Object.entries(files)) expect(await published(name)).toBe(`was ${path}`);
  });

  test('leaves the keys of Keystone and the logs of earlier runs where they are', async () => {
    const published = await collected({
      'system/etc/keystone/fernet-keys/0': 'secret',
      'system/etc/keystone/keystone.conf': '[DEFAULT]',
      'stack/logs/devstacklog.txt.2026-11-27-153705': 'earlier',
    });

    expect(await published('etc/keystone/keystone_conf.txt')).toBe('[DEFAULT]');
    await expect(published('etc/keystone/fernet-keys/0')).rejects.toThrow('ENOENT');
    await expect(published('devstacklog.txt.2026-11-27-153705')).rejects.toThrow('ENOENT');
  });

  test('tells each deprecation once, with how often it was logged', async () => {
    const line = (time: string) =>
      `Nov 27 2026-11-27 ${time}.123 4711 WARNING nova [req-1 None] Option "old" is deprecated.\n`;

    const published = await collected({ 'stack/logs/screen-n-cpu.txt': line('10:00:01') + line('10:00:02') });

    expect(await published('deprecations_log.txt')).toMatch(/^2 :: Nov .*Option "old" is deprecated\.\n$/);
  });
});

test('collect.sh says of each commit whether it is in what devstack ran, also a second time', async () => {
  const head = await repository(join(stack, 'nova'), 'the change');
  const lost = 'a'.repeat(40);
  const lineOf = (commit: string, place = 'source') =>
    [place, 'openstack/nova', 'master', place === 'source' ? lost : head, commit, 'contained'].join('\t');
  const file = join(folder, 'artifacts/zuul-info/checked-out.txt');
  await mkdir(join(folder, 'artifacts/zuul-info'), { recursive: true });
  await writeFile(file, `${lineOf(head)}\n${lineOf(lost)}\n`);

  await phase('collect', {});
  await phase('collect', {});

  expect((await readFile(file, 'utf8')).trim().split('\n')).toEqual([
    lineOf(head),
    lineOf(lost),
    lineOf(head, `${stack}/nova`),
    lineOf(lost, `${stack}/nova`).replace('contained', 'missing'),
  ]);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemText } from './problem.ts';
import { describeConfiguration } from './redact.ts';
import { loadIn, minimalWith, problemsIn } from './testing/load.ts';
import { createWorkspace, hostKey } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

const cloudsYaml = `clouds:
  ci-cloud: {auth: {auth_url: 'https://one:5000/v3', username: ci, password: hunter2, project_name: ci}, regions: [A, B]}
  other: {auth: {auth_url: 'https://two:5000/v3', username: ci, password: hunter2, project_name: ci}}
`;
const racks = `racks:
  - name: lab-rack
    hosts: [{name: r1, address: 10.0.0.5, host_key: ${hostKey}}]
    reset: {run: ssh "$SIDEGATE_ADDRESS" reset}
`;

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
  await workspace.write('clouds.yaml', cloudsYaml);
  await workspace.write(
    'cloud-init.yaml',
    '#cloud-config\nchpasswd: {expire: false}\nssh_pwauth: false\nlock_passwd: true\n',
  );
  await workspace.write('prepare.sh', 'apt-get update\n');
  await workspace.write('smoke.sh', 'true\n');
  await workspace.write('reset.sh', 'reset\n');
});
afterAll(() => workspace[Symbol.asyncDispose]());

const own = '{name: devstack, cloud: ci-cloud, image: ubuntu, flavor: large, networks: [lan], user: zuul}';
/** The minimal file with other label keys, and what stands before the labels. */
const withLabel = (label: string, before = '') => minimalWith(`labels:\n  - ${own}`, `${before}labels:\n  - ${label}`);
const withKeys = (keys: string, before = '') => withLabel(own.replace('}', `, ${keys}}`), before);
const load = (text: string, env = {}) => loadIn(workspace, text, env);
const problemsOf = async (text: string, env = {}) => (await problemsIn(workspace, text, env)).join('\n');
const warningsOf = async (text: string) => (await load(text)).warnings.map(problemText).join('\n');

describe('a label', () => {
  test('has defaults for all but its place', async () => {
    const { settings } = await load(withKeys('ssh_port: 22'));

    expect(settings.labels).toEqual([
      {
        name: 'devstack',
        places: [
          {
            kind: 'openstack',
            cloud: 'ci-cloud',
            image: 'ubuntu',
            flavor: 'large',
            networks: ['lan'],
            securityGroups: [],
            availabilityZones: [],
            floatingNetwork: undefined,
            userData: undefined,
            configDrive: false,
            volume: undefined,
            metadata: {},
          },
        ],
        user: 'zuul',
        sshPort: 22,
        bootTimeout: 600_000,
        sshTimeout: 180_000,
        bootAttempts: 3,
        minReady: 0,
        max: 2,
        maxAge: undefined,
        imageBuild: undefined,
      },
    ]);
    expect(settings.clouds).toEqual([{ name: 'ci-cloud', maxServers: undefined, requestRate: 20, sweep: 'delete' }]);
    expect(settings.hold).toEqual({ maxTtl: 86_400_000, maxServers: 2 });
  });

  test('says all that a server can have', async () => {
    const { settings } = await load(
      withKeys(
        'security_groups: [ci], availability_zones: [az1, az2], floating_network: public, user_data: ./cloud-init.yaml, ' +
          'config_drive: true, volume: {size: 80, type: ssd}, metadata: {team: "7"}, max_age: 24h, ' +
          'image_build: {prepare: ./prepare.sh, smoke: ./smoke.sh, every: 24h}, fallbacks: [{cloud: other, volume: null}]',
      ),
    );

    expect(settings.labels[0]).toMatchObject({
      places: [
        {
          securityGroups: ['ci'],
          availabilityZones: ['az1', 'az2'],
          floatingNetwork: 'public',
          userData: expect.stringContaining('#cloud-config'),
          configDrive: true,
          volume: { size: 80, type: 'ssd' },
          metadata: { team: '7' },
        },
        { cloud: 'other', volume: undefined },
      ],
      maxAge: 86_400_000,
      imageBuild: { prepare: 'apt-get update\n', smoke: 'true\n', timeout: 3_600_000, every: 86_400_000, keep: 2 },
    });
  });

  test('spills over to places that have what they do not say from the label', async () => {
    const configuration = await load(
      withKeys(
        'region: A, availability_zones: [az1], floating_network: public, fallbacks: ' +
          '[{region: B}, {cloud: other, flavor: m1.large, floating_network: null}, {rack: lab-rack}]',
        racks,
      ),
    );

    const { places } = configuration.settings.labels[0]!;
    expect(places).toMatchObject([
      { cloud: 'ci-cloud/A', flavor: 'large', availabilityZones: ['az1'], floatingNetwork: 'public' },
      { cloud: 'ci-cloud/B', flavor: 'large', availabilityZones: [], floatingNetwork: 'public' },
      { cloud: 'other', flavor: 'm1.large', networks: ['lan'], availabilityZones: [], floatingNetwork: undefined },
      { kind: 'rack', cloud: 'lab-rack' },
    ]);
    expect(configuration.clouds.map(({ name, region }) => [name, region])).toEqual([
      ['ci-cloud/A', 'A'],
      ['ci-cloud/B', 'B'],
      ['other', undefined],
    ]);
    expect(configuration.settings.clouds.map(({ name }) => name)).toEqual(['ci-cloud/A', 'ci-cloud/B', 'other']);
  });

  test('of a rack needs nothing of a cloud, not even clouds.yaml', async () => {
    const { clouds, settings } = await load(
      withLabel(
        '{name: devstack, rack: lab-rack, user: zuul}',
        racks.replace('{run: ssh "$SIDEGATE_ADDRESS" reset}', '{script: ./reset.sh}'),
      ),
    );

    expect(clouds).toEqual([]);
    expect(settings.labels[0]?.places).toEqual([{ kind: 'rack', cloud: 'lab-rack' }]);
    expect(settings.racks).toEqual([
      {
        name: 'lab-rack',
        hosts: [{ name: 'r1', address: '10.0.0.5', hostKeys: [hostKey] }],
        reset: 'reset\n',
        resetTimeout: 1_800_000,
      },
    ]);
  });

  test('without a cloud is on the one OS_CLOUD names', async () => {
    const text = withLabel(own.replace('cloud: ci-cloud, ', ''));

    const { settings } = await load(text, { OS_CLOUD: 'other' });

    expect(settings.labels[0]?.places[0]?.cloud).toBe('other');
    expect(await problemsOf(text)).toContain('labels[0].cloud: is missing. Name a cloud of clouds.yaml or a `rack`');
  });
});

test('a cloud has the limits of its region', async () => {
  const limits = 'clouds: [{name: ci-cloud, region: B, max_servers: 9, requests_per_second: 0.5, sweep: report}]\n';

  const { settings } = await load(withKeys('region: A, fallbacks: [{region: B}]', limits));

  expect(settings.clouds).toEqual([
    { name: 'ci-cloud/A', maxServers: undefined, requestRate: 20, sweep: 'delete' },
    { name: 'ci-cloud/B', maxServers: 9, requestRate: 0.5, sweep: 'report' },
  ]);
});

test('scripts and user data are described by their size', async () => {
  const keys = 'user_data: ./cloud-init.yaml, image_build: {prepare: ./prepare.sh, smoke: ./smoke.sh}';

  const described = describeConfiguration(await load(withKeys(keys, racks)));

  expect(described).toMatchObject({
    settings: {
      labels: [{ places: [{ userData: '76 bytes' }], imageBuild: { prepare: '15 bytes', smoke: '5 bytes' } }],
      racks: [{ reset: '29 bytes' }],
    },
  });
});

describe('one mistake is told with its place and what to do', () => {
  test.each<[string, string, string]>([
    [
      'the old zone',
      'availability_zone: a',
      'labels[0].availability_zone: unknown key. Did you mean availability_zones?',
    ],
    ['more ready than allowed', 'min_ready: 3', 'labels[0].min_ready: must not be more than max (2).'],
    ['a rack beside a cloud', 'rack: lab-rack', 'labels[0].cloud: has no meaning beside `rack`.'],
    [
      'an unknown rack',
      'fallbacks: [{rack: lab-rak}]',
      'fallbacks[0].rack: no rack is called lab-rak. Did you mean lab-rack?',
    ],
    ['a rack with a flavor', 'fallbacks: [{rack: lab-rack, flavor: x}]', 'fallbacks[0].flavor: has no meaning beside'],
    ['a place twice', 'fallbacks: [{flavor: small}]', 'labels[0].fallbacks[0].cloud: ci-cloud is there twice.'],
    ['an unknown cloud', 'fallbacks: [{cloud: othr}]', 'has no cloud othr. Did you mean other?'],
    ['an unknown region', 'region: C', 'labels[0].region: ci-cloud has no region C.'],
    ['a region in the name', 'fallbacks: [{cloud: ci-cloud/B}]', 'the region goes into the key `region`'],
    ['metadata of ours', 'metadata: {sidegate_owner: x}', 'must not start with sidegate_'],
    ['a number as metadata', 'metadata: {a: 1}', 'labels[0].metadata.a: must be text: put it in quotes'],
    ['a volume of nothing', 'volume: {size: 0}', 'labels[0].volume.size: must be at least 1, is 0.'],
    ['user data that is missing', 'user_data: ./none', 'none does not exist.'],
    ['a script that is missing', 'image_build: {prepare: ./none, smoke: ./smoke.sh}', 'image_build.prepare: '],
    [
      'an image build of volumes alone',
      'volume: {size: 20}, image_build: {prepare: ./prepare.sh, smoke: ./smoke.sh}',
      'labels[0].image_build: no image is made of a server that boots from a volume.',
    ],
    [
      'an image build without a test',
      'image_build: {prepare: ./prepare.sh}',
      'labels[0].image_build.smoke: is missing.',
    ],
  ])('%s', async (_name, keys, expected) => {
    expect(await problemsOf(withKeys(keys, racks))).toContain(expected);
  });

  test.each<[string, string, string]>([
    ['a host key that is none', racks.replace(hostKey, 'ssh-rsa AAAA'), 'racks[0].hosts[0].host_key: must be `TYPE'],
    ['an address with blanks', racks.replace('10.0.0.5', '"10.0.0.5 x"'), 'must be an address or a host name'],
    [
      'a host twice',
      racks.replace('}]', `}, {name: r2, address: 10.0.0.5, host_key: ${hostKey}}]`),
      '10.0.0.5 is there twice',
    ],
    [
      'a rack named like a cloud',
      racks.replace('lab-rack', 'ci-cloud'),
      'racks[0].name: ci-cloud is the name of a cloud.',
    ],
    ['a reset of nothing', racks.replace(/\{run.*\}/, '{}'), 'racks[0].reset: needs either `run` or `script`.'],
    ['a reset that is missing', racks.replace(/\{run.*\}/, '{script: ./none}'), 'racks[0].reset.script: '],
    ['limits twice', 'clouds: [{name: ci-cloud}, {name: ci-cloud}]\n', 'clouds[1].name: ci-cloud is there twice.'],
    [
      'an unknown sweep',
      'clouds: [{name: ci-cloud, sweep: never}]\n',
      'clouds[0].sweep: must be one of delete, report',
    ],
    ['a negative hold', 'hold: {max_servers: -1}\n', 'hold.max_servers: must be at least 0, is -1.'],
  ])('%s', async (_name, before, expected) => {
    expect(await problemsOf(withKeys('max: 2', before))).toContain(expected);
  });

  test('all that a cloud needs and is not there', async () => {
    const problems = await problemsOf(
      withLabel('{name: devstack, rack: lab-rack, user: u, fallbacks: [{cloud: other}]}', racks),
    );

    for (const key of ['image', 'flavor', 'networks'])
      expect(problems).toContain(
        `labels[0].fallbacks[0].${key}: is missing. A cloud needs image, flavor and networks.`,
      );
  });

  test('an image build on racks alone', async () => {
    const label = '{name: devstack, rack: lab-rack, user: u, image_build: {prepare: ./prepare.sh, smoke: ./smoke.sh}}';

    expect(await problemsOf(withLabel(label, racks))).toContain('labels[0].image_build: a rack has no images.');
  });

  test('user data that Nova would refuse', async () => {
    await workspace.write('big', '#'.repeat(48_001));

    expect(await problemsOf(withKeys('user_data: ./big'))).toContain('labels[0].user_data: ./big has 48001 bytes.');
  });
});

describe('a warning is given', () => {
  test.each([
    'password: hunter2',
    'export OS_PASSWORD=hunter2',
    'plain_text_passwd: "hunter2"',
    '{"token": "abc"}',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
  ])('for user data with a secret: %s', async (line) => {
    await workspace.write('secret', `#cloud-config\n${line}\n`);

    const warnings = await warningsOf(withKeys('user_data: ./secret'));

    expect(warnings).toContain('labels[0].user_data: ./secret seems to hold a password or a private key. Test servers');
    expect(warnings).not.toContain('hunter2');
  });

  test('for a label whose one server a person could hold, unless nobody can', async () => {
    const warnings = await warningsOf(withKeys('max: 1'));
    const without = await warningsOf(withKeys('max: 1', 'hold: {max_servers: 0}\n'));

    expect(warnings).toContain(
      'labels[0].max: while its one server is held for a person, all builds of the label wait.',
    );
    expect(without).toBe('');
  });

  test('for limits of a cloud that no label names, and for harmless user data none', async () => {
    const limits = 'clouds: [{name: ci-cloud, region: A}]\n';

    expect(await warningsOf(withKeys('user_data: ./cloud-init.yaml', limits))).toMatch(
      /^sidegate\.yaml:\d+:\d+: warning: clouds\[0\]\.name: no label uses ci-cloud\/A\. Did you mean ci-cloud\?$/,
    );
  });
});

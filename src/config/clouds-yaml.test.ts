import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readClouds } from './clouds-yaml.ts';
import type { CloudReference } from './clouds-yaml.ts';
import { Findings } from './findings.ts';
import { problemText } from './problem.ts';
import { createWorkspace } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';
import { parseYamlFile } from './yaml-file.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const { yaml } = parseYamlFile('sidegate.yaml', 'labels: [{cloud: one}]');
const reference = { name: 'one', region: undefined, place: { source: yaml, path: ['labels', 0] } };

interface Asked {
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly references?: readonly CloudReference[];
}

async function read(options: Asked = {}) {
  const findings = new Findings();
  const context = { folder: workspace.folder, env: { ...workspace.env, ...options.env }, findings };
  const clouds = await readClouds(
    options.references ?? [reference, reference],
    { path: options.path, root: { source: yaml, path: [] } },
    context,
  );
  let problems: readonly string[] = [];
  try {
    problems = findings.warningsOrThrow().map(problemText);
  } catch (error) {
    problems = [String(error)];
  }
  return { clouds, problems: problems.join('\n') };
}

function cloud(text: string): string {
  return `clouds:\n  one:\n${text.replace(/^/gm, '    ')}\n`;
}

const auth =
  '{auth_url: "https://k:5000/v3", username: ci, password: x, project_name: p, user_domain_name: U, project_domain_name: P}';

describe('a cloud', () => {
  test('with a password', async () => {
    await workspace.write(
      'clouds.yaml',
      cloud(
        `auth: ${auth}\nregion_name: R\ninterface: internal\nverify: false\napi_timeout: 5\nvolume_api_version: "3"`,
      ),
    );

    expect((await read()).clouds).toEqual([
      {
        name: 'one',
        authUrl: 'https://k:5000/v3',
        credential: {
          kind: 'password',
          username: 'ci',
          password: 'x',
          userDomainName: 'U',
          projectName: 'p',
          projectDomainName: 'P',
        },
        region: 'R',
        interface: 'internal',
        verify: false,
        caCertificate: undefined,
        apiTimeout: 5000,
      },
    ]);
  });

  test('as devstack writes it, with domain ids and an old word for the interface', async () => {
    await workspace.write(
      'clouds.yaml',
      cloud(
        'auth: {auth_url: "http://10.0.0.1/identity", username: demo, password: 123456, project_name: demo, user_domain_id: default, project_domain_id: default}\nendpoint_type: publicURL\nidentity_api_version: "3"',
      ),
    );

    expect((await read()).clouds[0]).toMatchObject({
      interface: 'public',
      credential: {
        password: '123456',
        userDomainId: 'default',
        userDomainName: 'Default',
        projectDomainId: 'default',
        projectDomainName: 'Default',
      },
    });
  });

  test('with an application credential by id, or by name and user', async () => {
    const byId =
      'auth_type: v3applicationcredential\nauth: {auth_url: "https://k/v3", application_credential_id: i, application_credential_secret: s}';
    const byName = byId.replace(
      'application_credential_id: i',
      'application_credential_name: n, username: u, user_domain_name: U',
    );

    await workspace.write('clouds.yaml', cloud(byId));
    const first = await read();
    await workspace.write('clouds.yaml', cloud(byName));
    const second = await read();

    expect(first.clouds[0]?.credential).toEqual({ kind: 'application-credential', id: 'i', secret: 's' });
    expect(second.clouds[0]?.credential).toEqual({
      kind: 'application-credential',
      name: 'n',
      username: 'u',
      userDomainName: 'U',
      secret: 's',
    });
  });

  test('gets its secrets from secure.yaml, wherever that lies on the search path', async () => {
    await workspace.write('clouds.yaml', cloud(`auth: ${auth.replace(' password: x,', '')}`));
    await mkdir(join(workspace.folder, '.config', 'openstack'), { recursive: true });
    await workspace.write('.config/openstack/secure.yaml', cloud('auth: {password: secret}'));

    expect((await read()).clouds[0]?.credential).toMatchObject({ username: 'ci', password: 'secret' });
  });

  test('gets its CA certificate as text', async () => {
    await workspace.write('ca.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await workspace.write('clouds.yaml', cloud(`auth: ${auth}\ncacert: ca.pem`));

    expect((await read()).clouds[0]?.caCertificate).toContain('BEGIN CERTIFICATE');
  });
});

test('each region a label names is a cloud of its own', async () => {
  await workspace.write('clouds.yaml', cloud(`auth: ${auth}\nregions: [A, B]`));

  const { clouds } = await read({ references: ['A', 'B', 'A'].map((region) => ({ ...reference, region })) });

  expect(clouds.map(({ name, region }) => [name, region])).toEqual([
    ['one/A', 'A'],
    ['one/B', 'B'],
  ]);
});

test('one region by two names is refused: each would count the servers of the other', async () => {
  await workspace.write('clouds.yaml', cloud(`auth: ${auth}\nregions: [A, B]`));

  const { problems } = await read({ references: [reference, { ...reference, region: 'A' }] });

  expect(problems).toContain(
    'one/A and one are the same region of one cloud. Write `region` in all labels, or in none.',
  );
});

test('a region the cloud does not list is told, with those it does', async () => {
  await workspace.write('clouds.yaml', cloud(`auth: ${auth}\nregions: [RegionOne, RegionTwo]`));

  const { problems } = await read({ references: [{ ...reference, region: 'regionone' }] });

  expect(problems).toContain('one has no region regionone. Did you mean RegionOne?');
});

test('what would lead other tools elsewhere is a warning', async () => {
  await workspace.write(
    'clouds.yaml',
    cloud(`auth: ${auth}\nprofile: vexxhost\ncompute_endpoint_override: "http://nova"\nregion_name: R`),
  );

  const { clouds, problems } = await read();

  expect(clouds).toHaveLength(1);
  expect(problems).toContain('clouds.one.compute_endpoint_override: sidegate does not read it.');
  expect(problems).toContain('clouds.one.profile: no clouds-public.yaml has the profile vexxhost.');
});

describe('the environment as a cloud', () => {
  const asked = [{ ...reference, name: 'envvars' }];

  test('tells what is missing', async () => {
    const { problems } = await read({ references: asked, env: { OS_AUTH_URL: 'http://k/v3', OS_USERNAME: 'u' } });

    expect(problems).toContain('environment: error: envvars.auth.password: is missing.');
  });

  test('must not have the name of a cloud in clouds.yaml', async () => {
    await workspace.write('clouds.yaml', `clouds: {envvars: {auth: ${auth}}}`);

    const { problems } = await read({ references: asked, env: { OS_AUTH_URL: 'http://k/v3' } });

    expect(problems).toContain('envvars is a cloud of clouds.yaml and of the environment variables');
  });
});

describe('clouds.yaml is found', () => {
  test('by the key clouds_file before OS_CLIENT_CONFIG_FILE, and by that before the search path', async () => {
    const file = await workspace.write('mine.yaml', cloud(`auth: ${auth}\nregion_name: mine`));
    const other = await workspace.write('other.yaml', cloud(`auth: ${auth}\nregion_name: other`));

    const byKey = await read({ path: './mine.yaml', env: { OS_CLIENT_CONFIG_FILE: other } });
    const byEnv = await read({ env: { OS_CLIENT_CONFIG_FILE: file } });

    expect([byKey, byEnv].map(({ clouds }) => clouds[0]?.region)).toEqual(['mine', 'mine']);
  });

  test('and a file that is not there is passed over with a warning', async () => {
    await workspace.write('clouds.yaml', cloud(`auth: ${auth}`));

    const { clouds, problems } = await read({ env: { OS_CLIENT_CONFIG_FILE: '/nowhere/clouds.yaml' } });

    expect(clouds).toHaveLength(1);
    expect(problems).toContain('/nowhere/clouds.yaml does not exist. It is passed over.');
  });

  test('and when it is not, the folders are named', async () => {
    const { problems } = await read({ path: './gone.yaml' });

    expect(problems).toMatch(/clouds_file: there is no clouds\.yaml\. Looked for .*gone\.yaml\./);
  });
});

describe('a problem of clouds.yaml has its place there', () => {
  test.each([
    [
      'a missing password',
      `auth: ${auth.replace(' password: x,', '')}`,
      'clouds.one.auth.password: is missing. It may also stand in secure.yaml.',
    ],
    ['a missing address', 'auth: {username: x}', 'clouds.one.auth.auth_url: is missing. It is: Keystone.'],
    [
      'an unknown way to log in',
      `auth_type: v3oidcpassword\nauth: ${auth}`,
      'clouds.yaml:3:5: error: clouds.one.auth_type: sidegate does not know v3oidcpassword.',
    ],
    [
      'a password that YAML takes for something else',
      `auth: ${auth.replace('password: x', 'password: 1.50')}`,
      'clouds.one.auth.password: must be text: put it in quotes',
    ],
    [
      'a client certificate',
      `auth: ${auth}\ncert: /etc/ci.pem`,
      'clouds.yaml:4:5: error: clouds.one.cert: sidegate does not log in with a client certificate.',
    ],
    [
      'a trust',
      `auth: ${auth.replace('password: x', 'password: x, trust_id: t')}`,
      'clouds.one.auth.trust_id: sidegate does not log in by a trust.',
    ],
    [
      'a wrong interface',
      `auth: ${auth}\ninterface: secret`,
      'clouds.one.interface: must be one of public, internal, admin',
    ],
    [
      'a missing certificate',
      `auth: ${auth}\ncacert: /nowhere/ca.pem`,
      'clouds.one.cacert: /nowhere/ca.pem does not exist.',
    ],
  ])('%s', async (_name, text, expected) => {
    await workspace.write('clouds.yaml', cloud(text));

    const { clouds, problems } = await read();

    expect(clouds).toEqual([]);
    expect(problems).toContain(expected);
  });

  test('a password that others can read is a warning', async () => {
    await workspace.write('clouds.yaml', cloud(`auth: ${auth}`), 0o644);

    expect((await read()).problems).toMatch(/clouds\.yaml:1:1: warning: every user of this machine can read/);
  });
});

test.each([
  '',
  '[]',
  'clouds: 5',
  'clouds: {one: 5}',
  'clouds: {one: {auth: 5}}',
  'clouds: {one: {auth: {auth_url: {}, username: []}, regions: [5, {}, {name: 5}]}}',
  'clouds: {one: {profile: constructor, auth: {auth_url: "https://{__proto__}.x"}}}',
  'clouds: {__proto__: {auth: {}}}',
  `clouds: {one: {auth: ${auth}, interface: 5, verify: [], api_timeout: never}}`,
  'clouds: {one: {auth: {password: 2026-01-01}}}',
])('hostile content is refused with a problem (%#)', async (content) => {
  await workspace.write('clouds.yaml', content);

  const { clouds, problems } = await read();

  expect(clouds).toEqual([]);
  expect(problems).toContain('error: ');
});

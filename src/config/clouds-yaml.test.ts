import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readClouds } from './clouds-yaml.ts';
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
const reference = { name: 'one', place: { source: yaml, path: ['labels', 0, 'cloud'] } };

async function read(options: { path?: string; env?: Readonly<Record<string, string>> } = {}) {
  const findings = new Findings();
  const context = { folder: workspace.folder, env: { ...workspace.env, ...options.env }, findings };
  const clouds = await readClouds(
    [reference, reference],
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
      credential: { password: '123456', userDomainName: 'Default', projectDomainName: 'Default' },
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

describe('clouds.yaml is found', () => {
  test('by the key clouds_file before OS_CLIENT_CONFIG_FILE, and by that before the search path', async () => {
    const file = await workspace.write('mine.yaml', cloud(`auth: ${auth}\nregion_name: mine`));
    const other = await workspace.write('other.yaml', cloud(`auth: ${auth}\nregion_name: other`));

    const byKey = await read({ path: './mine.yaml', env: { OS_CLIENT_CONFIG_FILE: other } });
    const byEnv = await read({ env: { OS_CLIENT_CONFIG_FILE: file } });

    expect([byKey, byEnv].map(({ clouds }) => clouds[0]?.region)).toEqual(['mine', 'mine']);
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
      'a domain by its id',
      `auth: ${auth.replace('user_domain_name: U', 'user_domain_id: 12ab')}`,
      'Write user_domain_name.',
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

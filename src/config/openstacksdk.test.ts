import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudAccess } from '../domain/cloud-access.ts';
import { readClouds } from './clouds-yaml.ts';
import { Findings } from './findings.ts';
import { askOpenstacksdk, hasOpenstacksdk } from './testing/openstacksdk.ts';
import type { SdkAnswer } from './testing/openstacksdk.ts';
import { createWorkspace } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';
import { parseYamlFile } from './yaml-file.ts';

interface Case {
  readonly files?: Readonly<Record<string, string>>;
  /** `FOLDER` stands for the folder of the case, which is the home folder and the working directory. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cloud?: string;
  readonly region?: string;
}

const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const login =
  'auth_url: "https://k:5000/v3", username: ci, project_name: p, user_domain_name: U, project_domain_name: P';
const auth = `auth: {${login}, password: x}`;
const one = (text: string) => `clouds:\n  one:\n${text.replace(/^/gm, '    ')}\n`;
const file = (text: string): Case => ({ files: { 'clouds.yaml': one(text) } });
const region = (name: string) => one(`${auth}\nregion_name: ${name}`);
const regions = `${auth}\nregions: [A, {name: B, values: {interface: internal, auth: {project_name: b}}}]`;
const environment = {
  OS_AUTH_URL: 'http://k/v3',
  OS_USERNAME: 'u',
  OS_PASSWORD: '0123',
  OS_PROJECT_NAME: 'p',
  OS_USER_DOMAIN_NAME: 'U',
  OS_PROJECT_DOMAIN_ID: 'default',
};
const credential =
  'auth_type: v3applicationcredential\nauth: {auth_url: "https://k/v3", application_credential_secret: s';

const cases: Readonly<Record<string, Case>> = {
  'a password': file(`${auth}\nregion_name: R\ninterface: internal\napi_timeout: 5`),
  'an application credential by id': file(`${credential}, application_credential_id: i}`),
  'an application credential by name': file(`${credential}, application_credential_name: n, user_id: u}`),
  'a login beside auth': file(
    `auth: {auth_url: "http://k"}\n${login.replaceAll(', ', '\n').replace(/^.*\n/, '')}\npassword: x`,
  ),
  'a login in auth and beside it': file(`${auth}\nusername: other\nproject_name: other\nproject_domain_name: other`),
  'the old words': file(
    'auth: {auth-url: "http://k", user_name: u, tenant_name: p, password: x}\nendpoint_type: internal',
  ),
  'both words for a project': file(`${auth}\ntenant_name: other`),
  'both words for the interface': file(`${auth}\nendpoint_type: internal\ninterface: admin`),
  'one domain for both': file(
    'auth: {auth_url: "http://k", username: u, password: x, project_name: p, domain_name: D}',
  ),
  'one domain for both, by id beside auth': file(
    'auth: {auth_url: "http://k", username: u, password: x, project_name: p}\ndomain_id: abc',
  ),
  'ids instead of names': file(
    'auth: {auth_url: "http://k", user_id: u1, password: x, project_id: p1, user_domain_id: default, project_domain_id: d2}',
  ),
  'a project and domains by number': file(
    'auth: {auth_url: "http://k", username: 12, password: x, project_id: 34, user_domain_id: 56}',
  ),
  'a password that is an octal number': file(`auth: {${login}, password: 0123}`),
  'a password with an 8 after the zero': file(`auth: {${login}, password: 0899}`),
  'a password of many digits': file(`auth: {${login}, password: 123456789012345678901}`),
  'a password with an e': file(`auth: {${login}, password: 1e5}`),
  'a password of one letter': file(`auth: {${login}, password: n}`),
  'verify: no': file(`${auth}\nverify: no`),
  'verify: on': file(`${auth}\nverify: on`),
  'insecure: yes': file(`${auth}\ninsecure: yes`),
  'insecure as text': file(`${auth}\ninsecure: "True"`),
  'insecure as another text': file(`${auth}\ninsecure: "yes"`),
  'a certificate in the home folder': { files: { ...file(`${auth}\ncacert: ~/ca.pem`).files, 'ca.pem': pem } },
  'a certificate as verify': { files: { ...file(`${auth}\nverify: ./ca.pem`).files, 'ca.pem': pem } },
  'a certificate that is not used': file(`${auth}\ncacert: /nowhere\nverify: false`),
  'a limit of one old client': file(`${auth}\napi_timeout: 5\nnova_timeout: 7`),
  'the first of several regions': file(regions),
  'a region with values of its own': { ...file(regions), region: 'B' },
  'a region that is not listed': { ...file(regions), region: 'C' },
  'another region than region_name': { ...file(`${auth}\nregion_name: A`), region: 'B' },
  'one of the regions in region_name': { ...file(`${auth}\nregion_name: A,B`), region: 'B' },
  'a region that is a number': file(`${auth}\nregion_name: 5`),
  'any region where none is named': { ...file(auth), region: 'B' },
  'an unknown cloud': { ...file(auth), cloud: 'two' },
  'a secret in secure.yaml': {
    files: { 'clouds.yaml': one(`auth: {${login}}`), 'secure.yaml': one('auth: {password: s}\nregion_name: S') },
  },
  'a secret in another folder': {
    files: { 'clouds.yaml': one(`auth: {${login}}`), '.config/openstack/secure.yml': one('auth: {password: s}') },
  },
  'a secret in OS_CLIENT_SECURE_FILE': {
    files: { 'clouds.yaml': one(auth), 'secure.yaml': one('auth: {password: s}'), mine: one('auth: {password: m}') },
    env: { OS_CLIENT_SECURE_FILE: 'FOLDER/mine' },
  },
  'a cloud in secure.yaml alone': { files: { 'secure.yaml': one(auth) } },
  'OS_CLIENT_CONFIG_FILE before clouds.yaml': {
    files: { 'clouds.yaml': region('wrong'), 'mine.yaml': region('right') },
    env: { OS_CLIENT_CONFIG_FILE: 'FOLDER/mine.yaml' },
  },
  'OS_CLIENT_CONFIG_FILE that does not exist': {
    files: { 'clouds.yaml': region('right') },
    env: { OS_CLIENT_CONFIG_FILE: 'FOLDER/mine.yaml' },
  },
  'clouds.yaml before clouds.yml': { files: { 'clouds.yaml': region('right'), 'clouds.yml': region('wrong') } },
  'clouds.yml here before the home folder': {
    files: { 'clouds.yml': region('right'), '.config/openstack/clouds.yaml': region('wrong') },
  },
  'clouds.json': {
    files: {
      'clouds.json':
        '{"clouds": {"one": {"auth": {"auth_url": "http://k", "username": "u", "password": "1e5", "project_id": "p"}}}}',
    },
  },
  'the home folder': { files: { '.config/openstack/clouds.yaml': region('right') } },
  XDG_CONFIG_HOME: {
    files: { 'xdg/openstack/clouds.yaml': region('right'), '.config/openstack/clouds.yaml': region('wrong') },
    env: { XDG_CONFIG_HOME: 'FOLDER/xdg' },
  },
  'a profile of clouds-public.yaml': {
    files: {
      'clouds.yaml': one(`profile: big\nauth: {username: u, password: x, project_name: p}\nregion_name: R2`),
      'clouds-public.yaml':
        'public-clouds: {big: {auth: {auth_url: "https://{region_name}.example.com/v3", user_domain_name: U}, region_name: R1, interface: internal}}',
    },
  },
  'the regions of a profile': {
    files: {
      'clouds.yaml': one(`profile: big\n${auth}`),
      'clouds-public.yaml': 'public-clouds: {big: {regions: [X, Y]}}',
    },
    region: 'Z',
  },
  'the environment': { env: { ...environment, OS_REGION_NAME: 'R', OS_INSECURE: 'true' }, cloud: 'envvars' },
  'the environment by another name': {
    ...file(auth),
    env: { ...environment, OS_CLOUD_NAME: 'mine', OS_INTERFACE: 'internal' },
    cloud: 'mine',
  },
  'an environment that only chooses': {
    ...file(auth),
    env: { OS_CLOUD: 'one', OS_REGION_NAME: 'R' },
    cloud: 'envvars',
  },
};

const available = await hasOpenstacksdk();

let workspace: Workspace;
let answers: readonly SdkAnswer[];
const names = Object.keys(cases);
beforeAll(async () => {
  if (!available) return;
  workspace = await createWorkspace();
  const folders = await Promise.all(Object.values(cases).map((item, index) => prepare(item, index)));
  answers = await askOpenstacksdk(folders);
});
afterAll(async () => {
  if (available) await workspace[Symbol.asyncDispose]();
});

async function prepare({ files, env, cloud, region }: Case, index: number) {
  const folder = join(workspace.folder, String(index));
  await mkdir(folder);
  for (const [name, content] of Object.entries(files ?? {})) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await workspace.write(join(String(index), name), content);
  }
  return { folder, env: envOf(env, folder), cloud: cloud ?? 'one', region: region ?? null };
}

function envOf(env: Case['env'], folder: string): Readonly<Record<string, string>> {
  const filled = Object.entries(env ?? {}).map(([key, value]) => [key, value.replace('FOLDER', folder)]);
  return { HOME: folder, ...Object.fromEntries(filled) };
}

async function ours(name: string): Promise<SdkAnswer> {
  const folder = join(workspace.folder, String(names.indexOf(name)));
  const { env, cloud = 'one', region } = cases[name]!;
  const findings = new Findings();
  const { yaml } = parseYamlFile('sidegate.yaml', '');
  const root = { source: yaml, path: [] };
  const references = [{ name: cloud, region, place: root }];
  const [access] = await readClouds(
    references,
    { path: undefined, root },
    { folder, env: envOf(env, folder), findings },
  );
  return access && !findings.failed ? answerOf(access) : { error: 'ConfigException' };
}

function answerOf({ credential, ...access }: CloudAccess): SdkAnswer {
  const words = Object.entries(credential)
    .filter(([key]) => key !== 'kind')
    .map(([key, value]) => [wordOf(key, credential.kind), value]);
  return {
    auth: { auth_url: access.authUrl, ...(Object.fromEntries(words) as object) },
    region: access.region ?? null,
    interface: access.interface,
    verify: access.verify,
    cacert: access.caCertificate ?? null,
    timeout: access.apiTimeout === 60_000 ? null : access.apiTimeout / 1000,
  };
}

function wordOf(key: string, kind: CloudAccess['credential']['kind']): string {
  const word = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return kind === 'application-credential' && ['id', 'name', 'secret'].includes(word)
    ? `application_credential_${word}`
    : word;
}

describe('openstacksdk reads the same out of', () => {
  test.for(names)('%s', async (name, { skip }) => {
    if (!available) skip('python3-openstacksdk is not installed, so there is nothing to compare with');
    const theirs = answers[names.indexOf(name)]!;

    expect(await ours(name)).toMatchObject(theirs);
  });
});

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Workspace extends AsyncDisposable {
  readonly folder: string;
  /** An environment whose home is the workspace, so that no clouds.yaml of the machine is found. */
  readonly env: Readonly<Record<string, string | undefined>>;
  write(name: string, content: string, mode?: number): Promise<string>;
}

/** A folder with all that the minimal configuration names. */
export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'sidegate-config-'));
  const write = async (name: string, content: string, mode = 0o600) => {
    const file = join(folder, name);
    await writeFile(file, content);
    await chmod(file, mode);
    return file;
  };
  await write('id_ed25519', privateKey());
  await write('gerrit-password', 'hunter2\n');
  await write('clouds.yaml', cloudsYaml);
  return { folder, write, env: { HOME: folder }, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

export function privateKey(passphrase?: string): string {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const format = { type: 'pkcs8', format: 'pem' } as const;
  return String(key.export(passphrase === undefined ? format : { ...format, cipher: 'aes-256-cbc', passphrase }));
}

const cloudsYaml = `clouds:
  ci-cloud:
    auth: {auth_url: 'https://keystone.example.com:5000/v3', username: ci, password: hunter2, project_name: ci}
    region_name: RegionOne
`;

/** A host key of 32 made-up bytes. */
export const hostKey = `ssh-ed25519 ${Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), Buffer.alloc(32, 7)]).toString('base64')}`;

/** One mistake less or more is one `replace` away. */
export const minimal = `name: Example z/VM CI
contact: zvm-ci@example.com
wiki_url: https://wiki.example.org/zvm-ci
web: {public_url: https://ci.example.com}
gerrit:
  - name: review
    host: review.example.org
    username: example-zvm-ci
    private_key: ./id_ed25519
    host_key: ${hostKey}
    url: https://review.example.org/
    password: {file: ./gerrit-password}
labels:
  - {name: devstack, cloud: ci-cloud, image: ubuntu, flavor: large, networks: [lan], user: zuul}
backends:
  - {name: lpar1, kind: shared, url: 'http://feilong:8080', guard: {address: 192.0.2.1}, slots: [{prefix: ZA0}, {prefix: ZB0}]}
jobs:
  - name: tempest
    label: devstack
    backend: shared
    phases:
      - {name: run, run: echo hello}
pipelines:
  - {name: check, triggers: [patchset-created, recheck], vote: {label: Verified, success: 1, failure: -1}}
projects:
  - {gerrit: review, project: openstack/nova, pipelines: {check: [tempest]}}
`;

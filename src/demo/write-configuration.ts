import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exampleProject } from './gerrit-seed.ts';
import { root } from './simulators.ts';
import type { Simulators } from './simulators.ts';

export interface DemoConfiguration {
  readonly directory: string;
  readonly simulators: Pick<Simulators, 'gerrit' | 'openstack' | 'zvm'>;
  readonly webPort: number;
  /** Milliseconds the example's tests pause between their steps, so that people can watch. */
  readonly pace: number;
}

/** Writes sidegate.yaml, clouds.yaml and the job's scripts: an ordinary configuration to read, copy and change. Returns its path. */
export async function writeConfiguration(demo: DemoConfiguration): Promise<string> {
  const jobs = join(demo.directory, 'jobs');
  await mkdir(jobs, { recursive: true });
  for (const [folder, script] of [
    ['shared', 'fetch.sh'],
    ['example-zvm-driver', 'test.sh'],
  ] as const)
    await copyFile(join(root, 'jobs', folder, script), join(jobs, script));
  await writeFile(join(demo.directory, 'clouds.yaml'), cloudsYaml(demo.simulators.openstack.ready.authUrl), {
    mode: 0o600,
  });
  const password = `${randomBytes(12).toString('hex')}\n`;
  await writeFile(join(demo.directory, 'operator-password'), password, { mode: 0o600 });
  const path = join(demo.directory, 'sidegate.yaml');
  await writeFile(path, connectionsYaml(demo) + testsYaml(demo));
  return path;
}

function cloudsYaml(authUrl: string): string {
  return `# The usual clouds.yaml of OpenStack's tools. Here it names the simulated cloud.
clouds:
  ci-cloud:
    auth:
      auth_url: ${authUrl}
      username: ci
      password: secret
      project_name: ci
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    api_timeout: 30
`;
}

function connectionsYaml({ simulators, webPort }: DemoConfiguration): string {
  const gerrit = simulators.gerrit.ready;
  return `# Written by "npm start". It is an ordinary sidegate configuration: copy it, point it at your own Gerrit, cloud and z/VM.
# Every key is explained in docs/configure.md.
name: Example z/VM CI
contact: zvm-ci@example.com
wiki_url: https://wiki.openstack.org/wiki/ThirdPartySystems/Example_zVM_CI

state:
  directory: ./state
logs:
  directory: ./logs
web:
  listen: 127.0.0.1:${webPort}
  public_url: http://127.0.0.1:${webPort}
  operator_password: {file: ./operator-password}

gerrit:
  - name: review
    host: 127.0.0.1
    ssh_port: ${gerrit.sshPort}
    username: example-zvm-ci
    private_key: ./gerrit-key
    host_key: ${gerrit.hostKey}
    url: ${gerrit.url}
    password: {file: ./gerrit-password}

clouds_file: ./clouds.yaml

`;
}

function testsYaml({ simulators, pace }: DemoConfiguration): string {
  return `# Test servers: what to boot, where, and how many at once.
labels:
  - name: ci-small
    cloud: ci-cloud
    image: ci-image
    flavor: ci.small
    networks: [lan]
    user: zuul
    ssh_port: ${simulators.openstack.ready.sshPort}
    boot_timeout: 2m
    max: 4

# One z/VM that two test servers share: each gets a prefix of its own for its virtual servers.
backends:
  - name: lpar1
    kind: shared
    url: ${simulators.zvm.ready.url}
    guard: {address: 127.0.0.1}
    slots:
      - prefix: ZA0
      - prefix: ZB0

jobs:
  - name: zvm-driver-tests
    label: ci-small
    backend: shared
    timeout: 10m
    test_results: testrepository.subunit
    environment:
      EXAMPLE_PACE: "${pace}"
    phases:
      - {name: fetch, script: ./jobs/fetch.sh}
      - {name: test, script: ./jobs/test.sh}

pipelines:
  - name: check
    triggers: [patchset-created, recheck]
    vote: {label: Verified, success: 1, failure: -1}

projects:
  - gerrit: review
    project: ${exampleProject}
    branches: [master]
    pipelines:
      check: [zvm-driver-tests]
`;
}

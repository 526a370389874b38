import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { createApiClient } from './testing/api-client.ts';
import { newKey } from './testing/ssh.ts';

const client = '/usr/bin/openstack';
const isMissing = !existsSync(client);
const run = promisify(execFile);

let directory: string;
let simulator: OpenstackSimulator;

beforeAll(async () => {
  if (isMissing) return;
  directory = await mkdtemp(join(tmpdir(), 'openstack-client-'));
  simulator = await startOpenstackSimulator({ directory, bootDelay: 0 });
});

afterAll(async () => {
  if (isMissing) return;
  await simulator.close();
  await rm(directory, { recursive: true });
});

/**
 * Gives commands to one real client, which takes them from its standard input. Answers what those that speak JSON said.
 * A process for each would load Python every time.
 */
async function openstack(...commands: string[]): Promise<readonly unknown[]> {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: directory,
    OS_AUTH_URL: simulator.authUrl,
    OS_USERNAME: 'ci',
    OS_PASSWORD: 'secret',
    OS_PROJECT_NAME: 'ci',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: 'RegionOne',
    OS_IDENTITY_API_VERSION: '3',
  };
  const running = run(client, [], { env, cwd: directory });
  running.child.stdin?.end(commands.map((command) => `${command}\n`).join(''));
  const { stdout, stderr } = await running;
  const answers = stdout.match(/^(?:\[\]|\{\}|[[{]\n[^]*?^[\]}])$/gmu) ?? [];
  const wanted = commands.filter((command) => command.endsWith(' -f json')).length;
  if (answers.length !== wanted) throw new Error(`${answers.length} answers instead of ${wanted}: ${stdout}${stderr}`);
  return answers.map((text) => JSON.parse(text) as unknown);
}

function names(answer: unknown): readonly string[] {
  return (answer as { Name: string }[]).map((row) => row.Name).toSorted((a, b) => a.localeCompare(b));
}

const reason = isMissing ? ` (skipped: ${client} of python3-openstackclient is not installed)` : '';

describe.skipIf(isMissing)(`the openstack command of python3-openstackclient${reason}`, { timeout: 120_000 }, () => {
  test('logs in, and finds what there is', async () => {
    const [token, catalog, images, image, flavors, flavor] = await openstack(
      'token issue -f json',
      'catalog list -f json',
      'image list -f json',
      'image show ci-image -f json',
      'flavor list -f json',
      'flavor show ci.small -f json',
    );

    expect(token).toMatchObject({ project_id: 'e84f8f36ca3f4c6eb6b6f01231729804' });
    expect(names(catalog)).toEqual(['cinder', 'glance', 'keystone', 'neutron', 'nova']);
    expect(names(images)).toEqual(['ci-image']);
    expect(image).toMatchObject({ status: 'active', visibility: 'public' });
    expect(names(flavors)).toContain('ci.devstack');
    expect(flavor).toMatchObject({ ram: 2048, vcpus: 1 });
  });

  test('sees networks, security groups, zones, limits and quotas', async () => {
    const [networks, groups, zones, limits, quota] = await openstack(
      'network list -f json',
      'security group list -f json',
      'availability zone list --compute -f json',
      'limits show --absolute -f json',
      'quota show -f json',
    );

    expect(names(networks)).toEqual(['ci-net', 'lan', 'public']);
    expect(names(groups)).toEqual(['default']);
    expect(zones).toMatchObject([{ 'Zone Name': 'nova' }, { 'Zone Name': 'zone-b' }]);
    expect(limits).toContainEqual({ Name: 'maxTotalInstances', Value: 10 });
    // Newer clients say it in rows.
    expect(JSON.stringify(quota)).toMatch(/"instances":10|"Resource":"instances","Limit":10/u);
  });

  test('makes, lists and deletes application credentials and volumes', async () => {
    const [, credentials, , volumes, kept] = await openstack(
      'application credential create another -f json',
      'application credential list -f json',
      'volume create --size 1 disk -f json',
      'volume list -f json',
      'application credential delete another',
      'volume delete disk',
      'application credential list -f json',
    );

    expect(names(credentials)).toEqual(['another', 'ci-cred']);
    expect(volumes).toMatchObject([{ Name: 'disk', Size: 1 }]);
    expect(names(kept)).toEqual(['ci-cred']);
  });

  test('boots a server on its own port, reaches it from outside, makes an image of it, leaves nothing', async () => {
    await writeFile(join(directory, 'key.pub'), newKey().public);
    const where = '--port nic --key-name mine --availability-zone zone-b';
    const [floating, server] = await openstack(
      'keypair create --public-key key.pub mine',
      'port create --network ci-net --description of-a-test nic',
      `server create --image ci-image --flavor ci.tiny ${where} --wait box`,
      'floating ip create --port nic --description of-a-test public -f json',
      'server show box -f json',
      'console log show box',
      'server image create --name copy --property made_by=test --wait box',
    );
    const { id, floating_ip_address: address } = floating as { id: string; floating_ip_address: string };
    const lists = await openstack(
      'server list -f json',
      'keypair list -f json',
      'port list -f json',
      'image list --property made_by=test -f json',
      'floating ip list -f json',
    );

    await openstack(
      'server delete --wait box',
      `floating ip delete ${id}`,
      'port delete nic',
      'image delete copy',
      'keypair delete mine',
    );

    const api = await createApiClient(simulator.authUrl);
    const { remains } = await api.call<{ remains: unknown[] }>('GET', '/simulator/remains');
    expect(server).toMatchObject({ status: 'ACTIVE', 'OS-EXT-AZ:availability_zone': 'zone-b', key_name: 'mine' });
    expect(JSON.stringify(server)).toContain(address);
    expect(lists.slice(0, 4).map(names)).toEqual([['box'], ['mine'], ['nic'], ['copy']]);
    expect(lists[4]).toMatchObject([{ ID: id }]);
    expect(remains).toEqual([]);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { createReplay, logIn } from './testing/replay.ts';
import type { Replay } from './testing/replay.ts';

const serverId = '84cebe32-3051-4c26-8832-e4c77d824a88';
const projectId = 'e84f8f36ca3f4c6eb6b6f01231729804';
const tooBigId = 'd60e8c4b-6501-49dd-b2e7-7260e659d640';

let directory: string;
let simulator: OpenstackSimulator;
let replay: Replay;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openstack-contract-'));
  simulator = await startOpenstackSimulator({ directory, bootDelay: 300 });
  replay = createReplay(simulator.authUrl);
});

afterAll(async () => {
  await simulator.close();
  await rm(directory, { recursive: true });
});

function answersAsRecorded(names: readonly string[]): void {
  for (const name of names) {
    test(`${name} is answered as recorded`, async () => {
      const differences = await replay.run(name);

      expect(differences).toEqual([]);
    });
  }
}

function simulatorCall(method: string, fault?: object): Promise<Response> {
  return fetch(`${new URL(simulator.authUrl).origin}/simulator/faults`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: fault === undefined ? null : JSON.stringify(fault),
  });
}

interface Shown {
  readonly server: { readonly addresses: Readonly<Record<string, readonly { readonly 'OS-EXT-IPS:type': string }[]>> };
}

async function ask(user: 'ci' | 'admin', path: string, body?: object): Promise<Response> {
  const headers = { 'X-Auth-Token': await logIn(simulator.authUrl, user), 'Content-Type': 'application/json' };
  const change = body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) };
  return fetch(`${new URL(simulator.authUrl).origin}${path}`, { headers, ...change });
}

function limitFloatingIps(floatingip: number): Promise<Response> {
  return ask('admin', `/network/v2.0/quotas/${projectId}`, { quota: { floatingip } });
}

/** The samples that follow were recorded once the server had this status. */
function serverBecomes(recordedId: string, status: string): void {
  test(`the server becomes ${status}`, async () => {
    const url = `${new URL(simulator.authUrl).origin}/compute/v2.1/servers/${replay.actual(recordedId)}`;
    const headers = { 'X-Auth-Token': await logIn(simulator.authUrl, 'ci') };

    const readStatus = async () => {
      const response = await fetch(url, { headers });
      return response.status === 404
        ? 'gone'
        : ((await response.json()) as { server: { status: string } }).server.status;
    };

    await expect.poll(readStatus, { timeout: 10_000 }).toBe(status);
  });
}

describe('Keystone', () => {
  answersAsRecorded([
    'keystone-root',
    'keystone-v3',
    'token-password',
    'token-nocatalog',
    'token-unscoped',
    'token-validate',
    'auth-catalog',
  ]);
  answersAsRecorded(['token-appcred', 'token-appcred-by-name', 'token-401-bad-password', 'token-401-unknown-project']);
  answersAsRecorded([
    'token-appcred-401-bad-secret',
    'token-appcred-401-unknown-id',
    'token-revoke',
    'nova-401-revoked-token',
    'neutron-401-revoked-token',
  ]);
  answersAsRecorded(['auth-projects', 'keystone-403-list-users', 'keystone-404-project', 'token-password-admin']);
});

describe('Nova and Neutron before a server exists', () => {
  answersAsRecorded([
    'nova-versions',
    'nova-version-v21',
    'nova-limits',
    'nova-quota',
    'nova-quota-detail',
    'nova-az',
    'nova-flavors-detail',
  ]);
  answersAsRecorded(['nova-400-microversion', 'nova-406-microversion', 'nova-401-no-token', 'nova-401-bad-token']);
  answersAsRecorded([
    'keypair-import',
    'keypair-409',
    'keypair-400-bad-key',
    'keypair-list',
    'keypair-create-292-nopub',
    'keypair-create-old-mv',
  ]);
  answersAsRecorded(['neutron-versions', 'neutron-401', 'neutron-404', 'networks', 'neutron-quota']);
  answersAsRecorded(['secgroup-create', 'secgroup-rule-create', 'secgroup-rule-409']);
});

describe('a server that boots', () => {
  answersAsRecorded(['server-create-202', 'server-get-BUILD']);

  describe('once it is ACTIVE', () => {
    serverBecomes(serverId, 'ACTIVE');
    answersAsRecorded([
      'server-get-ACTIVE',
      'server-get-ACTIVE-mv21',
      'server-console-output',
      'server-interfaces',
      'ports-of-server',
    ]);
    answersAsRecorded([
      'servers-list-detail',
      'servers-list-by-name',
      'servers-list-by-tag',
      'servers-list-paged',
      'servers-list-400-marker',
    ]);
    answersAsRecorded([
      'server-tags',
      'server-metadata',
      'server-metadata-set',
      'server-tags-put',
      'secgroup-delete-409-in-use',
    ]);
    answersAsRecorded([
      'server-create-400-az',
      'server-create-400-bad-flavor',
      'server-create-400-bad-image',
      'server-create-400-bad-key',
    ]);
    answersAsRecorded([
      'server-create-400-bad-network',
      'server-create-400-schema',
      'server-create-403-quota',
      'server-create-403-quota-count',
    ]);
    answersAsRecorded(['fip-create', 'fip-get']);

    test('a second floating address for the same port is refused as recorded', async () => {
      const mask =
        /127\.79\.\d+\.\d+ \([0-9a-f-]+\)|172\.31\.\d+\.\d+ \([0-9a-f-]+\)|10\.77\.\d+\.\d+|127\.78\.\d+\.\d+/gu;

      const differences = await replay.run('fip-409-port-has-fip', { mask });

      expect(differences).toEqual([]);
    });

    test('server-get-with-fip-shown is answered as recorded', async () => {
      const shown = (await (await ask('ci', `/compute/v2.1/servers/${replay.actual(serverId)}`)).json()) as Shown;

      // The recorded one had no metadata.
      const plain = { server: { ...shown.server, metadata: {} } };
      const differences = await replay.compare('server-get-with-fip-shown', plain);

      expect(differences).toEqual([]);
      expect(shown.server.addresses['ci-net']?.map((entry) => entry['OS-EXT-IPS:type'])).toEqual(['fixed', 'floating']);
    });

    test('the quota of floating addresses is used up', async () => {
      const { status } = await limitFloatingIps(1);

      expect(status).toBe(200);
    });

    answersAsRecorded(['fip-409-quota']);

    test('there is room for more floating addresses', async () => {
      const { status } = await limitFloatingIps(50);

      expect(status).toBe(200);
    });

    answersAsRecorded(['fip-disassociate', 'fip-delete', 'server-reboot']);
  });

  describe('once it was rebooted', () => {
    serverBecomes(serverId, 'ACTIVE');
    answersAsRecorded(['server-stop']);
  });

  describe('once it is SHUTOFF', () => {
    serverBecomes(serverId, 'SHUTOFF');
    answersAsRecorded(['server-stop-409']);
  });

  describe('while it is being deleted', () => {
    test('deletions take their time', async () => {
      const { status } = await simulatorCall('POST', { fault: 'stuck-delete' });

      expect(status).toBe(200);
    });

    answersAsRecorded(['server-delete-204', 'server-get-deleting', 'server-delete-again']);

    test('deletions go on', async () => {
      const { status } = await simulatorCall('DELETE');

      expect(status).toBe(204);
    });
  });

  describe('once it is gone', () => {
    serverBecomes(serverId, 'gone');
    answersAsRecorded([
      'server-get-404',
      'server-get-404-otherproject',
      'server-delete-404',
      'quota-set-admin',
      'server-create-202-novalidhost',
    ]);
  });

  describe('that no host can hold', () => {
    serverBecomes(tooBigId, 'ERROR');
    answersAsRecorded(['server-get-ERROR-novalidhost', 'server-console-409-or-404', 'server-delete-ERROR']);
  });

  describe('once nothing uses it, the security group', () => {
    serverBecomes(tooBigId, 'gone');
    answersAsRecorded(['secgroup-delete']);
  });
});

describe('Glance', () => {
  answersAsRecorded(['glance-versions', 'glance-404', 'glance-401-revoked-token', 'image-public-403']);
  answersAsRecorded([
    'image-create',
    'image-upload-415',
    'image-upload',
    'image-upload-409',
    'image-active',
    'image-patch',
    'image-delete-403-protected',
  ]);

  test('what is no longer protected can be deleted', async () => {
    const body = () => JSON.stringify([{ op: 'replace', path: '/protected', value: false }]);

    const differences = await replay.run('image-patch', { body });

    expect(differences).toEqual([]);
  });

  answersAsRecorded(['image-delete', 'image-get-404-deleted']);

  test('the seeded image is listed as recorded, and says its login user besides', async () => {
    const differences = await replay.run('glance-images');

    expect(differences).toEqual(['.images[0].os_admin_user is too much', '.images[-1].os_admin_user is too much']);
  });
});

describe('input that is too much or none', () => {
  async function create(body: string): Promise<{ status: number; text: string }> {
    const headers = {
      'X-Auth-Token': await logIn(simulator.authUrl, 'ci'),
      'Content-Type': 'application/json',
      'OpenStack-API-Version': 'compute 2.90',
    };
    const response = await fetch(`${new URL(simulator.authUrl).origin}/compute/v2.1/servers`, {
      method: 'POST',
      headers,
      body,
    });
    return { status: response.status, text: await response.text() };
  }

  test('user data beyond 65535 characters is a 400 that repeats it', async () => {
    const userData = 'A'.repeat(66_000);

    const { status, text } = await create(
      JSON.stringify({ server: { name: 'x', flavorRef: '1', networks: [], user_data: userData } }),
    );

    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      badRequest: {
        code: 400,
        message: `Invalid input for field/attribute user_data. Value: ${userData}. '${userData}' is too long`,
      },
    });
  });

  test('a body beyond 112 KiB is a 413 in HTML', async () => {
    const { status, text } = await create(JSON.stringify({ server: { name: 'x', description: 'A'.repeat(200_000) } }));

    expect(status).toBe(413);
    expect(text).toContain('Request is too large. Larger than max_request_body_size (114688).');
  });

  test('a login without an identity is a 400 in Keystone words', async () => {
    const response = await fetch(`${simulator.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: {} }),
    });

    const { error } = (await response.json()) as { error: { message: string } };
    expect(response.status).toBe(400);
    expect(error.message).toMatch(/^'identity' is a required property/u);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { bootServer, createApiClient } from './testing/api-client.ts';
import type { ApiClient } from './testing/api-client.ts';
import { connect, newKey, run } from './testing/ssh.ts';

const key = newKey();
const image = '713a8310-e2ba-4895-9e1b-ba94f5a90c63';
const ciNet = '9e940fc1-4ac3-4ffc-adf6-e6a9516570e7';
const lan = '4f6b1a52-7a0e-4c55-9c0b-0d1f5ce2b9a7';
const outside = '1d2645fb-23e2-47ba-8b95-249d3698ef4a';

let directory: string;
let simulator: OpenstackSimulator;
let api: ApiClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openstack-resources-'));
  simulator = await startOpenstackSimulator({ directory, bootDelay: 0 });
  api = await createApiClient(simulator.authUrl);
});

afterEach(async () => {
  await simulator.close();
  await rm(directory, { recursive: true });
});

interface Port {
  readonly id: string;
  readonly device_id: string;
  readonly status: string;
}

async function createPort(description: string, network = ciNet): Promise<Port> {
  const { port } = await api.call<{ port: Port }>('POST', '/network/v2.0/ports', {
    port: { network_id: network, description },
  });
  return port;
}

function isGone(path: string): Promise<void> {
  const attempt = () =>
    api.call('GET', path).then(
      () => 'there',
      (error: Error) => error.message,
    );
  return expect.poll(attempt).toContain(' 404 ');
}

async function listPorts(query = ''): Promise<readonly Port[]> {
  const { ports } = await api.call<{ ports: Port[] }>('GET', `/network/v2.0/ports?${query}`);
  return ports;
}

test('a port made beforehand is used, and left behind unbound when its server goes', async () => {
  const port = await createPort('sidegate_owner=me sidegate_server=1');
  const server = await bootServer(api, key.public, { networks: [{ port: port.id }] });
  const [bound] = await listPorts(`device_id=${server.id}`);

  await api.call('DELETE', `/compute/v2.1/servers/${server.id}`);

  await isGone(`/compute/v2.1/servers/${server.id}`);
  const found = await listPorts(new URLSearchParams({ description: 'sidegate_owner=me sidegate_server=1' }).toString());
  expect(bound?.id).toBe(port.id);
  expect(found.map(({ id, device_id, status }) => ({ id, device_id, status }))).toEqual([
    { id: port.id, device_id: '', status: 'DOWN' },
  ]);
});

test('ports that Nova made go with their server', async () => {
  const server = await bootServer(api, key.public);
  const before = await listPorts(`device_id=${server.id}`);

  await api.call('DELETE', `/compute/v2.1/servers/${server.id}`);

  await isGone(`/compute/v2.1/servers/${server.id}`);
  expect(before).toHaveLength(1);
  expect(await listPorts()).toEqual([]);
});

test('a port has one server at a time', async () => {
  const { id: port } = await createPort('', lan);
  await bootServer(api, key.public, { networks: [{ port }] });

  const second = bootServer(api, undefined, { networks: [{ port }] });

  await expect(second).rejects.toThrow(/409 .*is still in use/u);
});

test('too many ports are a 409 of Neutron and a 403 of Nova', async () => {
  await api.call('PUT', `/network/v2.0/quotas/${api.projectId}`, { quota: { port: 1 } }, 'admin');
  await createPort('');

  const port = createPort('');
  const server = bootServer(api, key.public);

  await expect(port).rejects.toThrow(/409 .*OverQuota.*\['port'\]/u);
  await expect(server).rejects.toThrow(/403 .*Maximum number of ports exceeded/u);
});

test('a server answers at its floating address until that is taken away', async () => {
  const port = await createPort('');
  const server = await bootServer(api, key.public, { networks: [{ port: port.id }] });
  const { floatingip } = await api.call<{ floatingip: { id: string; floating_ip_address: string } }>(
    'POST',
    '/network/v2.0/floatingips',
    { floatingip: { floating_network_id: outside, port_id: port.id, description: 'mine' } },
  );
  const floating = { address: floatingip.floating_ip_address };
  const client = await connect(floating, simulator.sshPort, key.private);
  const { stdout } = await run(client, 'echo $SIMULATED_SERVER_ID');
  client.end();

  const shown = await api.call<{ server: { addresses: unknown } }>('GET', `/compute/v2.1/servers/${server.id}`);
  await api.call('DELETE', `/network/v2.0/floatingips/${floatingip.id}`);

  expect(stdout.trim()).toBe(server.id);
  expect(shown.server.addresses).toMatchObject({
    'ci-net': [{ 'OS-EXT-IPS:type': 'fixed' }, { addr: floating.address, 'OS-EXT-IPS:type': 'floating' }],
  });
  await expect(connect(floating, simulator.sshPort, key.private)).rejects.toThrow('ECONNREFUSED');
});

test('a floating address reaches only networks with a router', async () => {
  const port = await createPort('', lan);

  const attempt = api.call('POST', '/network/v2.0/floatingips', {
    floatingip: { floating_network_id: outside, port_id: port.id },
  });

  await expect(attempt).rejects.toThrow(/404 .*ExternalGatewayForFloatingIPNotFound/u);
  const { floatingips } = await api.call<{ floatingips: unknown[] }>('GET', '/network/v2.0/floatingips');
  expect(floatingips).toEqual([]);
});

interface Volume {
  readonly volume: { readonly id: string; readonly status: string };
}

test('a server boots from a volume that goes with it', async () => {
  const volumes = `/volume/v3/${api.projectId}/volumes`;
  const { volume } = await api.call<Volume>('POST', volumes, {
    volume: { size: 2, imageRef: image, metadata: { sidegate_owner: 'me' } },
  });
  const status = async () => (await api.call<Volume>('GET', `${volumes}/${volume.id}`)).volume.status;
  await expect.poll(status).toBe('available');
  const device = { boot_index: 0, uuid: volume.id, source_type: 'volume', destination_type: 'volume' };
  const mapping = { imageRef: '', block_device_mapping_v2: [{ ...device, delete_on_termination: true }] };
  const server = await bootServer(api, key.public, mapping);
  const used = await status();
  const refused = await api.call('DELETE', `${volumes}/${volume.id}`).catch((error: Error) => error.message);

  await api.call('DELETE', `/compute/v2.1/servers/${server.id}`);

  expect(used).toBe('in-use');
  expect(refused).toMatch(/400 .*Volume status must be available or error/u);
  await isGone(`${volumes}/${volume.id}`);
});

test('too many volumes and too large ones are a 413', async () => {
  const path = `/volume/v3/${api.projectId}`;
  await api.call('PUT', `/volume/v3/os-quota-sets/${api.projectId}`, { quota_set: { volumes: 1 } }, 'admin');
  await api.call('POST', `${path}/volumes`, { volume: { size: 1 } });

  const second = api.call('POST', `${path}/volumes`, { volume: { size: 1 } });
  const large = api.call('POST', `${path}/volumes`, { volume: { size: 5000 } });

  await expect(second).rejects.toThrow(/413 .*VolumeLimitExceeded/u);
  await expect(large).rejects.toThrow(/413 .*VolumeSizeExceedsAvailableQuota/u);
});

test('a snapshot carries what was done on its server, but not who may log in', async () => {
  const server = await bootServer(api, key.public);
  const before = await connect(server, simulator.sshPort, key.private);
  await run(before, 'mkdir -p .ssh cache && echo kept >cache/note && echo key >.ssh/authorized_keys');
  before.end();
  const { image_id: snapshot } = await api.call<{ image_id: string }>(
    'POST',
    `/compute/v2.1/servers/${server.id}/action`,
    { createImage: { name: 'prepared', metadata: { sidegate_owner: 'me' } } },
  );
  const show = () => api.call<Record<string, string>>('GET', `/image/v2/images/${snapshot}`);
  await expect.poll(async () => (await show())['status']).toBe('active');
  await api.call('DELETE', `/compute/v2.1/servers/${server.id}`);

  const next = await bootServer(api, undefined, { imageRef: snapshot });

  const client = await connect(next, simulator.sshPort, key.private);
  const { stdout } = await run(client, 'cat cache/note; ls .ssh');
  client.end();
  const { images } = await api.call<{ images: { id: string }[] }>('GET', '/image/v2/images?sidegate_owner=me');
  expect(stdout).toBe('kept\n');
  expect(await show()).toMatchObject({ image_type: 'snapshot', instance_uuid: server.id, sidegate_owner: 'me' });
  expect(images.map(({ id }) => id)).toEqual([snapshot]);
});

test('the second region has servers, quota and network of its own', async () => {
  const server = await bootServer(api, key.public);

  const there = await api.call<{ servers: unknown[] }>('GET', '/region-two/compute/v2.1/servers');
  const { networks } = await api.call<{ networks: { id: string; name: string }[] }>(
    'GET',
    '/region-two/network/v2.0/networks?name=lan',
  );
  const limits = await api.call<{ limits: { absolute: object } }>('GET', '/region-two/compute/v2.1/limits');

  expect(server.address).toMatch(/^127\.77\./u);
  expect(there).toEqual({ servers: [] });
  expect(networks.map(({ name }) => name)).toEqual(['lan']);
  expect(networks[0]?.id).not.toBe(lan);
  expect(limits.limits.absolute).toMatchObject({ totalInstancesUsed: 0 });
});

test('what clients leave behind is listed, what was there before is not', async () => {
  const port = await createPort('sidegate_owner=me sidegate_server=1');

  const { remains } = await api.call<{ remains: object[] }>('GET', '/simulator/remains');

  expect(remains).toEqual([
    {
      region: 'RegionOne',
      kind: 'port',
      id: port.id,
      name: '',
      status: 'unbound',
      mark: { description: 'sidegate_owner=me sidegate_server=1' },
    },
  ]);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import { hostKeysOf } from '../../domain/host-keys.ts';
import type { Cloud } from '../../ports/cloud.ts';
import { createOpenstackCloud } from './create-openstack-cloud.ts';
import { serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

const key = newKey();

let simulated: SimulatedCloud;
let cloud: Cloud;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  cloud = createOpenstackCloud({ cloud: simulated.access });
  await cloud.ensureKeypair('sidegate', key.public);
});

afterEach(async () => {
  await simulated.close();
});

async function waitForStatus(id: string, status: string | undefined): Promise<void> {
  await expect.poll(async () => (await cloud.showServer(id))?.status, { timeout: 10_000 }).toBe(status);
}

test('a server boots, has an address and carries its mark', async () => {
  const id = await cloud.ensureServer(serverRequest('one'));
  await waitForStatus(id, 'ACTIVE');

  const server = await cloud.showServer(id);

  expect(server).toEqual({
    id,
    name: 'sidegate-one',
    status: 'ACTIVE',
    address: expect.stringMatching(/^127\.77\./u) as string,
    fault: undefined,
    mark: { owner: 'me', server: 'one' },
  });
});

test('asked again it finds the server it created', async () => {
  const first = await cloud.ensureServer(serverRequest('one'));

  const second = await cloud.ensureServer(serverRequest('one'));

  expect(second).toBe(first);
  expect(await cloud.listMarkedServers('me')).toHaveLength(1);
});

test('a server whose creation was not answered is found, not created twice', async () => {
  await simulated.inject({ fault: 'create-cut' });

  const id = await cloud.ensureServer(serverRequest('one'));

  const servers = await cloud.listMarkedServers('me');
  expect(servers.map((server) => server.id)).toEqual([id]);
});

test('a creation that was lost on the way is told as unreachable, never repeated blindly', async () => {
  await simulated.inject({ fault: 'create-lost' });

  const attempt = cloud.ensureServer(serverRequest('one'));

  await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
  expect(await cloud.listMarkedServers('me')).toEqual([]);
});

test('a server with the same name and another mark is somebody else’s', async () => {
  const foreign = await cloud.ensureServer({ ...serverRequest('one'), mark: { owner: 'other', server: 'one' } });

  const own = await cloud.ensureServer(serverRequest('one'));

  expect(own).not.toBe(foreign);
});

test('a deleted server is gone, and deleting it again is no error', async () => {
  const id = await cloud.ensureServer(serverRequest('one'));
  await waitForStatus(id, 'ACTIVE');

  await cloud.deleteServer(id);
  await waitForStatus(id, undefined);
  await cloud.deleteServer(id);

  expect(await cloud.listMarkedServers('me')).toEqual([]);
  expect(await cloud.consoleLog(id)).toBe('');
});

test('the console log brings the host keys', async () => {
  const id = await cloud.ensureServer(serverRequest('one'));

  await expect.poll(async () => hostKeysOf(await cloud.consoleLog(id)), { timeout: 10_000 }).toHaveLength(1);
});

test('a server without a console yet has an empty one', async () => {
  await simulated.inject({ fault: 'create-error' });
  const id = await cloud.ensureServer(serverRequest('one'));
  await waitForStatus(id, 'ERROR');

  const text = await cloud.consoleLog(id);

  expect(text).toBe('');
});

test('all marked servers are listed however many pages there are, those of others are not', async () => {
  await simulated.liftQuota();
  const bulk = Array.from({ length: 250 }, (_, index) => serverRequest(`n${index}`, { flavor: 'ci.toobig' }));
  await Promise.all(bulk.map((request) => cloud.ensureServer(request)));
  await cloud.ensureServer({ ...serverRequest('x', { flavor: 'ci.toobig' }), mark: { owner: 'other', server: 'x' } });

  const servers = await cloud.listMarkedServers('me');

  expect(new Set(servers.map((server) => server.mark?.server)).size).toBe(250);
});

test('a server that no host can hold goes to ERROR with the fault of Nova', async () => {
  await simulated.liftQuota();

  const id = await cloud.ensureServer(serverRequest('one', { flavor: 'ci.toobig' }));

  await waitForStatus(id, 'ERROR');
  expect((await cloud.showServer(id))?.fault).toBe('No valid host was found.');
});

test('a used up quota is told as such', async () => {
  const attempt = cloud.ensureServer(serverRequest('one', { flavor: 'ci.toobig' }));

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-quota',
    detail: expect.stringContaining('Quota exceeded for cores, ram') as string,
  });
});

test.each([
  ['image', { image: 'nope' }],
  ['flavor', { flavor: 'nope' }],
  ['network', { networks: ['nope'] }],
] as const)('an unknown %s is refused by name', async (what, changes) => {
  const attempt = cloud.ensureServer(serverRequest('one', changes));

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: expect.stringMatching(new RegExp(`${what} named nope`, 'u')) as string,
  });
});

test('an unknown security group or zone is refused with the words of Nova', async () => {
  const group = cloud.ensureServer(serverRequest('one', { securityGroups: ['nope'] }));
  const zone = cloud.ensureServer(serverRequest('two', { availabilityZone: 'nowhere' }));

  await expect(group).rejects.toThrow("Unable to find security_group with name or id 'nope'");
  await expect(zone).rejects.toThrow('The requested availability zone is not available');
});

test('the newest active image of the name is taken, also after the one it knew was deleted', async () => {
  const old = await simulated.uploadImage('rotated');
  await cloud.ensureServer(serverRequest('one', { image: 'rotated' }));
  await simulated.uploadImage('rotated');
  await simulated.deleteImage(old);

  const id = await cloud.ensureServer(serverRequest('two', { image: 'rotated' }));

  await waitForStatus(id, 'ACTIVE');
});

test('a keypair is created once', async () => {
  await cloud.ensureKeypair('another', key.public);

  const again = cloud.ensureKeypair('another', `${key.public.split(' ').slice(0, 2).join(' ')} other comment`);

  await expect(again).resolves.toBeUndefined();
});

test('a keypair of that name with another key is left alone and told', async () => {
  const attempt = cloud.ensureKeypair('sidegate', newKey().public);

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: expect.stringContaining('another key') as string,
  });
});

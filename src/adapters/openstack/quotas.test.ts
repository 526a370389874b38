import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { Cloud } from '../../ports/cloud.ts';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
import { openCloud, place, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;
let front: Front;
let cloud: Cloud;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  front = await startFront(simulated.access.authUrl);
  cloud = openCloud({ ...simulated.access, authUrl: front.authUrl });
  await cloud.ensureKeypair('sidegate', newKey().public);
});

afterEach(async () => {
  await front.close();
  await simulated.close();
});

test('servers, ports and floating addresses use quota, whoever made them', async () => {
  await cloud.ensureServer(serverRequest('one', { networks: ['ci-net'], floatingNetwork: 'public' }));

  const { quotas, sizes } = await cloud.capacity([place, { ...place, flavor: 'ci.devstack' }]);

  expect(quotas).toEqual([
    { kind: 'servers', limit: 10, used: 1 },
    { kind: 'cores', limit: 20, used: 1 },
    { kind: 'ram', limit: 51200, used: 512 },
    { kind: 'ports', limit: 500, used: expect.any(Number) as number },
    { kind: 'floating-ips', limit: 50, used: 1 },
  ]);
  expect(sizes).toEqual({ 'ci.tiny': { cores: 1, ram: 512 }, 'ci.devstack': { cores: 4, ram: 8192 } });
});

test('no limit is told as -1', async () => {
  await simulated.liftQuota();

  const { quotas } = await cloud.capacity([]);

  expect(quotas.slice(0, 3).map(({ limit }) => limit)).toEqual([-1, -1, -1]);
});

test('block storage is asked only for places that need it', async () => {
  const without = await cloud.capacity([place]);
  const withVolume = await cloud.capacity([place, { ...place, volume: { size: 10, type: undefined } }]);

  expect(without.quotas.map(({ kind }) => kind)).not.toContain('volumes');
  expect(withVolume.quotas.slice(-2).map(({ kind, used }) => [kind, used])).toEqual([
    ['volumes', 0],
    ['gigabytes', 0],
  ]);
});

test('where Neutron does not tell what is used, it is counted', async () => {
  await cloud.ensureServer(serverRequest('one', { networks: ['ci-net'], floatingNetwork: 'public' }));
  const told = await cloud.capacity([place]);
  front.intercept = ({ line }) => {
    if (line.endsWith('/details.json')) return { status: 404, body: {} };
    return line.includes('/v2.0/quotas/') ? { status: 200, body: { quota: { port: 500, floatingip: 50 } } } : undefined;
  };

  const counted = await cloud.capacity([place]);

  expect(counted).toEqual(told);
});

test('a rack has no quota', async () => {
  const { sizes } = await cloud.capacity([{ kind: 'rack', cloud: 'rack' }]);

  expect(sizes).toEqual({});
});

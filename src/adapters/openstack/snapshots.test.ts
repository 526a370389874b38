import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { Cloud, CloudImages } from '../../ports/cloud.ts';
import { waitForStatus } from './testing/remove-all.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

const wanted = { name: 'sidegate-tiny-1', mark: { owner: 'me', image: 'row' } };

let simulated: SimulatedCloud;
let cloud: Cloud;
let images: CloudImages;
let server: string;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  cloud = openCloud(simulated.access);
  images = cloud.images!;
  await cloud.ensureKeypair('sidegate', newKey().public);
  server = await cloud.ensureServer(serverRequest('one'));
  await waitForStatus(cloud, server, { status: 'ACTIVE', patience: 10_000 });
});

afterEach(async () => {
  await simulated.close();
});

test('a server boots from the snapshot once it is active', async () => {
  const image = await images.ensureSnapshot({ server, ...wanted });
  await expect.poll(async () => (await images.showImage(image))?.status, { timeout: 10_000 }).toBe('active');

  const canary = await cloud.ensureServer({ ...serverRequest('two'), imageId: image });

  await waitForStatus(cloud, canary, { status: 'ACTIVE', patience: 10_000 });
  expect((await cloud.showServer(canary))?.imageId).toBe(image);
});

test('a snapshot whose creation was not answered is found, not made twice', async () => {
  await simulated.inject({ fault: 'cut', method: 'POST', path: '/action', handled: true });

  const image = await images.ensureSnapshot({ server, ...wanted });

  const marked = (await cloud.listMarked('me')).filter(({ kind }) => kind === 'image');
  expect(marked.map(({ id }) => id)).toEqual([image]);
});

test('a snapshot of the same name with another mark is somebody else’s', async () => {
  const foreign = await images.ensureSnapshot({ server, ...wanted, mark: { owner: 'other', image: 'row' } });
  await expect.poll(async () => (await images.showImage(foreign))?.status, { timeout: 10_000 }).toBe('active');

  const own = await images.ensureSnapshot({ server, ...wanted });

  expect(own).not.toBe(foreign);
});

test('a snapshot that failed is no image any more', async () => {
  await simulated.inject({ fault: 'snapshot-error' });

  const image = await images.ensureSnapshot({ server, ...wanted });

  await expect.poll(async () => (await images.showImage(image))?.status, { timeout: 10_000 }).toBeUndefined();
});

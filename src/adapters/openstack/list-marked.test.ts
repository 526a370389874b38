import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { Cloud, MarkedResource } from '../../ports/cloud.ts';
import { startFront } from './testing/front.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;
let cloud: Cloud;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  cloud = openCloud(simulated.access);
});

afterEach(async () => {
  await simulated.close();
});

function ofKind(list: readonly MarkedResource[], kind: string): readonly MarkedResource[] {
  return list.filter((resource) => resource.kind === kind);
}

test('all of ours are listed however many pages there are, those of others are not', async () => {
  await cloud.ensureKeypair('sidegate', newKey().public);
  await simulated.liftQuota();
  const bulk = Array.from({ length: 250 }, (_, index) => serverRequest(`n${index}`, { flavor: 'ci.toobig' }));
  await Promise.all(bulk.map((request) => cloud.ensureServer(request)));
  await cloud.ensureServer({ ...serverRequest('x', { flavor: 'ci.toobig' }), mark: { owner: 'other', server: 'x' } });

  const marked = await cloud.listMarked('me');

  expect(new Set(ofKind(marked, 'server').map(({ of }) => of)).size).toBe(250);
  expect(new Set(ofKind(marked, 'port').map(({ of }) => of)).size).toBe(250);
});

test('each kind can be deleted, twice', async () => {
  await cloud.ensureKeypair('sidegate-me-1', newKey().public);
  const place = { networks: ['ci-net'], floatingNetwork: 'public', volume: { size: 1, type: undefined } };
  await cloud.ensureServer({ ...serverRequest('one', place), keypair: 'sidegate-me-1' });
  await simulated.uploadImage('i', { sidegate_owner: 'me', sidegate_image: 'row', sidegate_name: 'i' });

  const marked = await cloud.listMarked('me');
  for (const resource of marked) await cloud.deleteMarked(resource);
  await expect.poll(() => removeRest(), { timeout: 10_000 }).toEqual([]);
  const again = marked.map((resource) => cloud.deleteMarked(resource));

  expect(marked.map(({ kind }) => kind)).toEqual(['server', 'port', 'floating-ip', 'volume', 'keypair', 'image']);
  await expect(Promise.all(again)).resolves.toBeDefined();
});

/** What was in use at the first time. */
async function removeRest(): Promise<readonly MarkedResource[]> {
  const rest = await cloud.listMarked('me');
  for (const resource of rest) await cloud.deleteMarked(resource);
  return rest;
}

test('keypairs of other installations are not ours, though their names begin alike', async () => {
  await cloud.ensureKeypair('sidegate-me', newKey().public);
  await cloud.ensureKeypair('sidegate-me2-1', newKey().public);
  await cloud.ensureKeypair('sidegate-me-1', newKey().public);

  const marked = await cloud.listMarked('me');

  expect(marked.map(({ id }) => id)).toEqual(['sidegate-me-1']);
});

test('an image that somebody made of a server of ours has inherited our properties and is theirs', async () => {
  await simulated.uploadImage('keep', { sidegate_owner: 'me', sidegate_image: 'row', sidegate_name: 'sidegate-1' });

  const marked = await cloud.listMarked('me');

  expect(marked).toEqual([]);
});

test('a cloud without block storage and floating addresses is listed all the same', async () => {
  const front = await startFront(simulated.access.authUrl);
  front.intercept = ({ line }) => (line.includes('/floatingips') ? { status: 404, body: {} } : undefined);
  front.rename('"type":"volumev3"', '"type":"none"');
  front.rename('"type":"block-storage"', '"type":"none"');
  const bare = openCloud({ ...simulated.access, authUrl: front.authUrl });

  const marked = await bare.listMarked('me');

  await front.close();
  expect(marked).toEqual([]);
  expect(front.requests.filter((line) => line.includes('/volumes'))).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { Cloud } from '../../ports/cloud.ts';
import { removeServerFully } from './testing/remove-all.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;
let cloud: Cloud;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  cloud = openCloud(simulated.access);
  await cloud.ensureKeypair('sidegate', newKey().public);
});

afterEach(async () => {
  await simulated.close();
});

const place = { volume: { size: 1, type: undefined } };

test('a volume that cannot be made is a boot that failed, and is removed', async () => {
  await simulated.inject({ fault: 'volume-error' });
  const request = serverRequest('one', place);

  const attempt = cloud.ensureServer(request);

  await expect(attempt).rejects.toMatchObject({
    code: 'server-boot-failed',
    detail: expect.stringMatching(/^volume [\da-f-]+ went to error/u) as string,
  });
  await removeServerFully(cloud, { id: undefined, ...request }, { patience: 10_000 });
  expect(await cloud.listMarked('me')).toEqual([]);
});

test('an unknown volume type is refused with the words of Cinder', async () => {
  const attempt = cloud.ensureServer(serverRequest('one', { volume: { size: 1, type: 'nope' } }));

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: expect.stringContaining('nope') as string,
  });
});

test('a used up quota of volumes is told as such', async () => {
  const attempt = cloud.ensureServer(serverRequest('one', { volume: { size: 100_000, type: undefined } }));

  await expect(attempt).rejects.toMatchObject({ code: 'cloud-quota' });
});

test('no image is made of a server that boots from a volume', async () => {
  const server = await cloud.ensureServer(serverRequest('one', place));

  const attempt = cloud.images!.ensureSnapshot({ server, name: 'i', mark: { owner: 'me', image: 'row' } });

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: expect.stringContaining('boots from a volume') as string,
  });
});

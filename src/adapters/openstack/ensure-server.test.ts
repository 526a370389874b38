import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { CloudPlace } from '../../domain/settings.ts';
import type { Cloud } from '../../ports/cloud.ts';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
import { waitForStatus } from './testing/remove-all.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
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

async function kinds(owner = 'me'): Promise<readonly string[]> {
  return (await cloud.listMarked(owner)).map(({ kind }) => kind).toSorted();
}

/** The service does what it is asked and its answer is lost. */
function loseAnswer(method: string, path: string): void {
  let times = 1;
  front.intercept = ({ line }) => {
    if (!line.startsWith(method) || !line.endsWith(path) || times === 0) return undefined;
    times -= 1;
    return { status: 502, after: true };
  };
}

describe('an answer that is lost does not lead to a second', () => {
  test('server', async () => {
    await simulated.inject({ fault: 'create-cut' });

    const id = await cloud.ensureServer(serverRequest('one'));

    const servers = (await cloud.listMarked('me')).filter(({ kind }) => kind === 'server');
    expect(servers.map((server) => server.id)).toEqual([id]);
  });

  test.each<[string, string, Partial<CloudPlace>, string[]]>([
    ['port', '/ports', {}, ['port', 'server']],
    [
      'floating address',
      '/floatingips',
      { networks: ['ci-net'], floatingNetwork: 'public' },
      ['floating-ip', 'port', 'server'],
    ],
    ['volume', '/volumes', { volume: { size: 1, type: undefined } }, ['port', 'server', 'volume']],
  ])('%s', async (_name, path, changes, expected) => {
    loseAnswer('POST', path);

    await cloud.ensureServer(serverRequest('one', changes));

    expect(await kinds()).toEqual(expected);
  });
});

test('a creation that was lost on the way is told as unreachable, and made up for by the next call', async () => {
  await simulated.inject({ fault: 'create-lost' });

  const attempt = cloud.ensureServer(serverRequest('one'));

  await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
  expect(await kinds()).toEqual(['port']);
  await cloud.ensureServer(serverRequest('one'));
  expect(await kinds()).toEqual(['port', 'server']);
});

test('a server with the same name and another mark is somebody else’s', async () => {
  const foreign = await cloud.ensureServer({ ...serverRequest('one'), mark: { owner: 'other', server: 'one' } });

  const own = await cloud.ensureServer(serverRequest('one'));

  expect(own).not.toBe(foreign);
});

test('a server gets ports and addresses of its own where Neutron does not know the filter', async () => {
  const floating = { networks: ['ci-net'], floatingNetwork: 'public' };
  front.dropFilter('description');
  await cloud.ensureServer({ ...serverRequest('one', floating), mark: { owner: 'other', server: 'one' } });

  await cloud.ensureServer(serverRequest('one', floating));

  expect(await kinds('other')).toEqual(['floating-ip', 'port', 'server']);
  expect(await kinds()).toEqual(['floating-ip', 'port', 'server']);
});

test('a server costs four requests once the names are known', async () => {
  await cloud.ensureServer(serverRequest('one'));
  front.requests.length = 0;

  await cloud.ensureServer(serverRequest('two'));

  expect(front.requests.map((line) => line.replace(/\?.*/u, ''))).toEqual([
    'GET /compute/v2.1/servers/detail',
    'GET /network/v2.0/ports',
    'POST /network/v2.0/ports',
    'POST /compute/v2.1/servers',
  ]);
});

test('a server in two networks has a port in each, the first one first', async () => {
  const id = await cloud.ensureServer(serverRequest('one', { networks: ['ci-net', 'lan'] }));
  await waitForStatus(cloud, id, { status: 'ACTIVE', patience: 10_000 });

  const { server } = await simulated.api.call<{ server: { addresses: Record<string, unknown> } }>(
    'GET',
    `/compute/v2.1/servers/${id}`,
  );

  expect(Object.keys(server.addresses).toSorted()).toEqual(['ci-net', 'lan']);
  expect(await kinds()).toEqual(['port', 'port', 'server']);
});

test('what the place says reaches Nova, and metadata cannot hide the mark', async () => {
  const metadata = { team: 'nova', sidegate_server: 'another' };
  const userData = '#!/bin/sh\necho "user data ran" > /dev/console\n';
  const id = await cloud.ensureServer({
    ...serverRequest('one', { metadata, userData, configDrive: true }),
    zone: 'nova',
  });
  await waitForStatus(cloud, id, { status: 'ACTIVE', patience: 10_000 });

  const { server } = await simulated.api.call<{ server: Record<string, unknown> }>(
    'GET',
    `/compute/v2.1/servers/${id}`,
  );

  expect(server).toMatchObject({
    config_drive: 'True',
    'OS-EXT-AZ:availability_zone': 'nova',
    metadata: { team: 'nova', sidegate_owner: 'me', sidegate_server: 'one' },
    tags: ['sidegate_server=one'],
  });
});

test('an unknown zone is refused with the words of Nova', async () => {
  const attempt = cloud.ensureServer({ ...serverRequest('one'), zone: 'nowhere' });

  await expect(attempt).rejects.toThrow('The requested availability zone is not available');
});

test('a server that no host can hold goes to ERROR with the fault of Nova', async () => {
  await simulated.liftQuota();

  const id = await cloud.ensureServer(serverRequest('one', { flavor: 'ci.toobig' }));

  await waitForStatus(cloud, id, { status: 'ERROR', patience: 10_000 });
  expect((await cloud.showServer(id))?.fault).toBe('No valid host was found.');
  expect(await cloud.consoleLog(id)).toBe('');
});

describe('the newest active image is taken', () => {
  test('of a name, also after the one it knew was deleted', async () => {
    const old = await simulated.uploadImage('rotated');
    await cloud.ensureServer(serverRequest('one', { image: 'rotated' }));
    await simulated.uploadImage('rotated');
    await simulated.deleteImage(old);

    const id = await cloud.ensureServer(serverRequest('two', { image: 'rotated' }));

    await waitForStatus(cloud, id, { status: 'ACTIVE', patience: 10_000 });
  });

  test('of a pattern, except those of our own making', async () => {
    const image = await simulated.uploadImage('base-2');
    await simulated.uploadImage('base-3', { sidegate_owner: 'me', sidegate_image: 'i' });

    const id = await cloud.ensureServer(serverRequest('one', { image: 'base-*' }));

    expect((await cloud.showServer(id))?.imageId).toBe(image);
  });

  test('unless an image is given', async () => {
    const image = await simulated.uploadImage('canary');

    const id = await cloud.ensureServer({ ...serverRequest('one'), imageId: image });

    expect((await cloud.showServer(id))?.imageId).toBe(image);
  });
});

test('each region is a cloud of its own', async () => {
  const other = openCloud({ ...simulated.access, name: 'simulated/RegionTwo', region: 'RegionTwo' });
  await other.ensureKeypair('sidegate', newKey().public);
  const id = await other.ensureServer(serverRequest('one'));

  const here = await cloud.showServer(id);

  expect(here).toBeUndefined();
  expect(await kinds()).toEqual([]);
  expect((await other.listMarked('me')).map(({ kind }) => kind)).toEqual(['server', 'port']);
});

test('a rack is not booted on OpenStack', async () => {
  const attempt = cloud.ensureServer({ ...serverRequest('one'), place: { kind: 'rack', cloud: 'rack' } });

  await expect(attempt).rejects.toMatchObject({ code: 'internal' });
});

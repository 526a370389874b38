import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { CloudPlace } from '../../domain/settings.ts';
import type { Cloud, ServerRemains } from '../../ports/cloud.ts';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
import { removeServerFully, waitForStatus } from './testing/remove-all.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

const patience = 10_000;

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

async function boot(changes: Partial<CloudPlace> = {}): Promise<ServerRemains & { readonly id: string }> {
  const request = serverRequest('one', changes);
  const id = await cloud.ensureServer(request);
  await waitForStatus(cloud, id, { status: 'ACTIVE', patience });
  front.requests.length = 0;
  return { id, mark: request.mark, place: request.place };
}

function lines(): readonly string[] {
  return front.requests.map((line) => line.replace(/\?.*/u, '').replace(/[\da-f]{8}-[\da-f-]{27}/u, 'ID'));
}

test('a usual server costs four requests', async () => {
  const remains = await boot();
  const asked = await cloud.removeServer(remains, false);
  await waitForStatus(cloud, remains.id, { status: undefined, patience });
  const first = lines();
  front.requests.length = 0;

  const gone = await cloud.removeServer(remains, false);

  expect([asked, gone]).toEqual([false, true]);
  expect(first.slice(0, 1)).toEqual(['DELETE /compute/v2.1/servers/ID']);
  expect(lines()).toEqual([
    'DELETE /compute/v2.1/servers/ID',
    'GET /network/v2.0/ports',
    'DELETE /network/v2.0/ports/ID',
  ]);
});

test('the floating address goes first, ports when the server is gone, volumes last', async () => {
  const volume = { size: 1, type: undefined };
  const remains = await boot({ networks: ['ci-net'], floatingNetwork: 'public', volume });

  await removeServerFully(cloud, remains, { patience });

  const deletions = lines().filter((line) => line.startsWith('DELETE'));
  expect(deletions[0]).toBe('DELETE /network/v2.0/floatingips/ID');
  expect(deletions[1]).toBe('DELETE /compute/v2.1/servers/ID');
  expect(deletions.indexOf('DELETE /network/v2.0/ports/ID')).toBe(
    deletions.lastIndexOf('DELETE /compute/v2.1/servers/ID') + 1,
  );
  expect(await cloud.listMarked('me')).toEqual([]);
});

test('of a place that is no longer configured everything is looked for', async () => {
  const volume = { size: 1, type: undefined };
  const remains = await boot({ networks: ['ci-net'], floatingNetwork: 'public', volume });

  await removeServerFully(cloud, { ...remains, place: undefined }, { patience });

  expect(await cloud.listMarked('me')).toEqual([]);
});

test('a server that somebody else deleted leaves its port to us', async () => {
  const remains = await boot();
  await simulated.inject({ fault: 'lose-server', server: remains.id });
  await waitForStatus(cloud, remains.id, { status: undefined, patience });

  const gone = await cloud.removeServer(remains, false);

  expect(gone).toBe(true);
  expect(await cloud.listMarked('me')).toEqual([]);
});

test('servers of others stay', async () => {
  const other = await cloud.ensureServer({ ...serverRequest('two'), mark: { owner: 'other', server: 'one' } });
  const remains = await boot();

  await removeServerFully(cloud, { ...remains, id: undefined }, { patience });

  expect((await cloud.listMarked('other')).map(({ kind }) => kind)).toEqual(['server', 'port']);
  expect(await cloud.showServer(other)).toBeDefined();
});

test('ports and floating addresses of others stay where Neutron does not know the filter', async () => {
  const floating = { networks: ['ci-net'], floatingNetwork: 'public' };
  await cloud.ensureServer({ ...serverRequest('two', floating), mark: { owner: 'other', server: 'one' } });
  const remains = await boot(floating);
  front.dropFilter('description');

  await removeServerFully(cloud, remains, { patience });

  const left = (await cloud.listMarked('other')).map(({ kind }) => kind);
  expect(left).toEqual(['server', 'port', 'floating-ip']);
  expect(await cloud.listMarked('me')).toEqual([]);
});

describe('by force', () => {
  test('Nova is asked for more than an ordinary deletion', async () => {
    const remains = await boot();

    await removeServerFully(cloud, remains, { patience, force: true });

    expect(lines()[0]).toBe('POST /compute/v2.1/servers/ID/action');
    expect(lines()).not.toContain('DELETE /compute/v2.1/servers/ID');
    expect(await cloud.listMarked('me')).toEqual([]);
  });

  test('and where Nova does not allow it, for that', async () => {
    const remains = await boot();
    front.intercept = ({ line }) =>
      line.endsWith('/action') ? { status: 403, body: { forbidden: { code: 403, message: 'no' } } } : undefined;

    await removeServerFully(cloud, remains, { patience, force: true });

    expect(lines()).toContain('DELETE /compute/v2.1/servers/ID');
    expect(await cloud.listMarked('me')).toEqual([]);
  });
});

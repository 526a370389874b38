import { afterEach, describe, expect, test } from 'vitest';
import { labelIn, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { ServerLabel } from '../domain/settings.ts';
import { createPoolKeeper } from './keep-servers-ready.ts';

let prepared: CloudFlow;
afterEach(() => prepared.drop());

async function poolOf(changes: Partial<ServerLabel>, clouds = ['ci']): Promise<() => Promise<void>> {
  const answers = Object.fromEntries(clouds.map((cloud) => [cloud, {}]));
  prepared = await prepareCloudFlow({ clouds: answers, settings: { labels: [labelIn(clouds, changes)] } });
  return createPoolKeeper(prepared.flow);
}

async function statesOf(): Promise<readonly string[]> {
  return (await prepared.rows.store.aliveServers()).map(({ state }) => state).toSorted();
}

describe('the pool of a label', () => {
  test('is filled up to min_ready, also when two processes do it at once', async () => {
    const keep = await poolOf({ minReady: 2, max: 4 });

    await Promise.all([keep(), createPoolKeeper(prepared.flow)()]);

    expect(await statesOf()).toEqual(['building', 'building']);
  });

  test('has never more than max, those that builds use and those that go included', async () => {
    const keep = await poolOf({ minReady: 2, max: 2 });
    await prepared.rows.addRunning();
    const going = await prepared.addServer();
    await prepared.rows.store.releaseServer(going, { code: undefined, detail: '' });

    await keep();

    expect(await statesOf()).toEqual(['building', 'deleting']);
  });

  test('replaces a server that waited too long', async () => {
    const keep = await poolOf({ minReady: 1, max: 4, maxAge: 3_600_000 });
    const old = await prepared.addServer();
    await prepared.rows.store.saveServerReady(old, '192.0.2.1', []);
    await prepared.rows.database.pool.query(`update servers set since = now() - interval '2 hours'`);

    await keep();

    expect(await statesOf()).toEqual(['building', 'deleting']);
    expect((await prepared.rows.store.findServer(old))?.detail).toBe('It waited longer than max_age.');
  });

  test('orders nothing for a while after a server of it did not boot', async () => {
    const keep = await poolOf({ minReady: 1, max: 4 });
    const broken = await prepared.addServer();
    await prepared.rows.store.releaseServer(broken, { code: 'server-boot-failed', detail: 'No valid host' });

    await keep();

    expect(await statesOf()).toEqual(['deleting']);
  });

  test('goes on in the next cloud where the first one is out of order or full', async () => {
    const keep = await poolOf({ minReady: 3, max: 4 }, ['sick', 'small', 'large']);
    const { store } = prepared.rows;
    for (const cloud of ['sick', 'small']) await store.claimCloudLook(cloud);
    await store.saveCloud('sick', { healthy: false, detail: 'no answer', capacity: undefined, startedAt: Date.now() });
    const capacity = {
      quotas: [{ kind: 'servers', limit: 1, used: 0 }] as const,
      sizes: { flavor: { cores: 1, ram: 1 } },
    };
    await store.saveCloud('small', { healthy: true, detail: '', capacity, startedAt: Date.now() });

    await keep();

    const clouds = (await store.aliveServers()).map(({ cloud }) => cloud).toSorted();
    expect(clouds).toEqual(['large', 'large', 'small']);
  });
});

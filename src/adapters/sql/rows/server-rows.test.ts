import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewServer } from '../../../ports/server-store.ts';
import { sleep } from '../../../shared/clock.ts';
import { createSampleRows, newServer, success } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;

beforeEach(async () => {
  rows = await createSampleRows();
});
afterEach(() => rows.drop());

const small = { labels: ['small'], clouds: ['ci'] };

/** In the order of their creation. */
async function order(count: number, fields: Partial<NewServer> = {}): Promise<readonly string[]> {
  const owner = await rows.addProcess();
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) await rows.store.insertServers([{ ...newServer(id, owner), ...fields }]);
  return ids;
}

async function looked(at: number): Promise<void> {
  await rows.store.claimCloudLook('ci');
  const capacity = { quotas: [], sizes: {} };
  await rows.store.saveCloud('ci', { healthy: true, detail: '', capacity, startedAt: at });
}

describe('what admission reads', () => {
  test('is servers counted by label and spot, apart those the last look could not see', async () => {
    const [gone = ''] = await order(3);
    await looked(Date.now());
    await rows.database.pool.query(`update servers set created_at = now() + interval '1 minute' where id = $1`, [gone]);
    await order(1, { zone: 'a' });
    const [deleted = ''] = await order(1);
    await rows.store.saveServerDeleted(deleted);

    const groups = await rows.store.serverGroups();

    const told = groups
      .map(({ label, cloud, zone, count }) => ({ label, cloud, zone, count }))
      .toSorted((a, b) => b.count - a.count);
    expect(told).toHaveLength(3);
    expect(told[0]).toEqual({ label: 'small', cloud: 'ci', zone: undefined, count: 2 });
    expect(told).toContainEqual({ label: 'small', cloud: 'ci', zone: undefined, count: 1 });
    expect(told).toContainEqual({ label: 'small', cloud: 'ci', zone: 'a', count: 1 });
  });

  test('is some free servers of each label wanted, the ready ones first', async () => {
    const [boots = '', older = '', newer = ''] = await order(3);
    for (const id of [newer, older]) await rows.store.saveServerReady(id, '192.0.2.1', []);
    await order(1, { label: 'other' });

    const two = await rows.store.freeServers(small, 2);
    const all = await rows.store.freeServers(small, 10);

    expect(two.map(({ id }) => id)).toEqual([older, newer]);
    expect(all.map(({ id, ready }) => [id, ready])).toEqual([
      [older, true],
      [newer, true],
      [boots, false],
    ]);
  });

  test('has no server of a build or of an image among the free ones', async () => {
    await rows.addRunning();
    await order(1, { purpose: 'canary' });
    const [released = ''] = await order(1);
    await rows.store.releaseServer(released, { code: undefined, detail: '' });

    const free = await rows.store.freeServers(small, 10);

    expect(free).toEqual([]);
  });
});

test('a server is replaced while its build ends: neither waits for the other, and nothing new is booted', async () => {
  const { lease, server, owner } = await rows.addRunning();
  const replaced = newServer(randomUUID(), owner);
  const { store, database } = rows;
  const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;

  const { replacing } = await store.transaction(async (tx) => {
    // The lock that the end of a build takes first.
    await tx.cancelBuild(lease.buildId, 'cancelled');
    const started = store.transaction((other) =>
      other.replaceServer(server, { code: 'server-boot-failed', detail: '' }, replaced),
    );
    while ((await database.pool.query(waits)).rows.length === 0) await sleep(10);
    await tx.finishBuild(lease, success);
    return { replacing: started };
  });
  await replacing;

  expect((await store.findBuild(lease.buildId))?.state).toBe('done');
  expect([(await store.findServer(server))?.state, await store.findServer(replaced.id)]).toEqual([
    'deleting',
    undefined,
  ]);
});

test('servers are found by the marks in a cloud, whatever somebody wrote there', async () => {
  const [id = ''] = await order(1);

  const found = await rows.store.findServers([id, 'not an id', randomUUID()]);

  expect(found.map((server) => server.id)).toEqual([id]);
});

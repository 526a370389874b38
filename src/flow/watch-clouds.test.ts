import { afterEach, describe, expect, test } from 'vitest';
import { prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import { SidegateError } from '../domain/errors.ts';
import type { Cloud, CloudHealth } from '../ports/cloud.ts';
import { createCloudWatch } from './watch-clouds.ts';

let prepared: CloudFlow;
afterEach(() => prepared.drop());

const capacity = { quotas: [{ kind: 'servers', limit: 10, used: 1 }] as const, sizes: {} };

/** After a look that is due. */
async function lookAgain(watch: () => Promise<void>) {
  const { pool } = prepared.rows.database;
  await pool.query(`update clouds set next_try_at = now(), detail = 'before'`);
  await watch();
  await expect.poll(async () => (await pool.query(`select from clouds where detail = 'before'`)).rows.length).toBe(0);
  const [cloud] = await prepared.rows.store.clouds();
  return cloud!;
}

async function watchOf(answers: Partial<Cloud>): Promise<() => Promise<void>> {
  prepared = await prepareCloudFlow({ clouds: { ci: answers } });
  await prepared.rows.store.saveCloud('ci', { healthy: true, detail: '', capacity: undefined, startedAt: 0 });
  await prepared.rows.store.claimCloudLook('ci');
  return createCloudWatch(prepared.flow);
}

describe('a look at a cloud', () => {
  test('notes what is free there', async () => {
    const watch = await watchOf({ capacity: async () => capacity });

    const cloud = await lookAgain(watch);

    expect(cloud).toMatchObject({ healthy: true, detail: '', capacity });
  });

  test('that gets no answer keeps what was known, and tells the operator once the circuit breaker is open', async () => {
    let health: CloudHealth = { state: 'closed', reason: '', until: undefined };
    let answer = async () => capacity as never;
    const watch = await watchOf({ capacity: () => answer(), health: () => health });
    await lookAgain(watch);
    answer = () => Promise.reject(new SidegateError('cloud-unreachable', 'no answer'));

    const once = await lookAgain(watch);
    const atFirst = await prepared.notices();
    health = { state: 'open', reason: 'five times no answer', until: undefined };
    const open = await lookAgain(watch);
    await expect.poll(() => prepared.notices()).toEqual(['cloud-unreachable ci']);
    health = { state: 'closed', reason: '', until: undefined };
    answer = async () => capacity as never;
    await lookAgain(watch);

    expect([once.healthy, once.capacity]).toEqual([true, capacity]);
    expect(open).toMatchObject({ healthy: false, detail: 'five times no answer', capacity });
    expect(atFirst).toEqual([]);
    await expect.poll(() => prepared.notices()).toEqual([]);
  });

  test('whose credentials are refused says so at once', async () => {
    const watch = await watchOf({ capacity: () => Promise.reject(new SidegateError('cloud-auth', '401')) });

    const cloud = await lookAgain(watch);

    expect(cloud.healthy).toBe(false);
    await expect.poll(() => prepared.notices()).toEqual(['cloud-auth ci']);
  });
});

test('a cloud that does not answer holds up no look at another one, and is asked once', async () => {
  let asked = 0;
  const silent = () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  prepared = await prepareCloudFlow({ clouds: { silent: { capacity: silent }, ci: {} } });
  const { store, database } = prepared.rows;
  const watch = createCloudWatch(prepared.flow);

  await watch();
  await expect.poll(async () => (await store.clouds()).map(({ name }) => name)).toEqual(['ci']);
  await database.pool.query(`update clouds set next_try_at = now(), checked_at = to_timestamp(0)`);
  await watch();

  await expect.poll(async () => (await store.clouds()).find(({ name }) => name === 'ci')?.checkedAt).toBeGreaterThan(0);
  expect(asked).toBe(1);
});

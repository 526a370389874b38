import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSimulatedStores } from '../adapters/objects/testing/simulated-stores.ts';
import type { SimulatedStores } from '../adapters/objects/testing/simulated-stores.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { checkObjectStore } from './check-object-store.ts';

let stores: SimulatedStores;
beforeAll(async () => {
  stores = await startSimulatedStores();
});
afterEach(() => {
  stores.simulator.interfere = () => undefined;
});
afterAll(() => stores.simulator.close());

const failures = async (objects: ObjectStore) => (await checkObjectStore(objects)).filter(({ ok }) => !ok);

test.each(['swift', 's3'] as const)('a %s that works is tried whole, and nothing is left in it', async (kind) => {
  const findings = await checkObjectStore(stores[kind]());

  expect(findings.map(({ ok, what }) => `${what} ${ok}`)).toEqual([
    'write true',
    'read true',
    'list true',
    'delete true',
  ]);
  expect(stores.simulator.containers.get('ci-logs')?.size).toBe(0);
});

test.each([
  ['a wrong secret', () => stores.s3({ secretKey: 'wrong' }), 'secret_key does not belong to access_key'],
  ['an unknown key', () => stores.s3({ accessKey: 'nobody' }), 'does not know access_key'],
  ['no bucket', () => stores.s3({ bucket: 'gone' }), 'Make the bucket'],
  ['no container', () => stores.swift({ container: 'gone' }), 'openstack container create'],
])('%s is named, with what to do', async (_what, open, todo) => {
  expect(await failures(open())).toEqual([
    expect.objectContaining({ what: 'write', todo: expect.stringContaining(todo) as string }),
  ]);
});

test('what may be written and not deleted is one finding', async () => {
  stores.simulator.interfere = ({ method }) => (method === 'DELETE' ? { status: 403 } : undefined);

  expect(await failures(stores.swift())).toEqual([
    expect.objectContaining({ what: 'delete', todo: expect.stringContaining('may not delete here') as string }),
  ]);
});

test('what is read must be what was written', async () => {
  stores.simulator.interfere = ({ method }) => (method === 'GET' ? { status: 206, body: 'something else' } : undefined);

  expect((await failures(stores.s3())).map(({ what }) => what)).toContain('read');
});

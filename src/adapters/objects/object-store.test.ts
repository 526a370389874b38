import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { objectStoreContract, newObject } from './testing/object-store-contract.ts';
import { container, startSimulatedStores } from './testing/simulated-stores.ts';
import type { SimulatedStores } from './testing/simulated-stores.ts';

let stores: SimulatedStores;
beforeAll(async () => {
  stores = await startSimulatedStores();
});
afterEach(() => {
  stores.simulator.interfere = () => undefined;
  stores.simulator.requests.length = 0;
});
afterAll(() => stores.simulator.close());

const large = 3 * 1024 * 1024;
objectStoreContract('Swift', () => stores.swift(), { folder: 'swift/', large });
objectStoreContract('S3', () => stores.s3(), { folder: 's3/', large });
objectStoreContract('S3 below a prefix', () => stores.s3({ prefix: 'ci/logs/' }), { folder: 's3/', large });

const kept = (name: string) => stores.simulator.containers.get(container)?.get(name);

describe('a name in the store', () => {
  test('begins with the prefix, and an object says what it is', async () => {
    await stores.swift({ prefix: 'ci/', deleteAfter: 86_400_000 }).put(newObject('a.txt.gz', 'x', { gzip: true }));

    expect(kept('ci/a.txt.gz')).toMatchObject({ type: 'text/plain; charset=utf-8', encoding: 'gzip' });
    expect((kept('ci/a.txt.gz')?.deleteAt ?? 0) - Date.now()).toBeGreaterThan(86_000_000);
  });
});

describe.each(['swift', 's3'] as const)('%s that has trouble', (kind) => {
  const store = () => stores[kind]();

  test('for a moment is asked again, the content from its beginning', async () => {
    const answers = [{ status: 503 }, 'cut'] as const;
    let asked = 0;
    stores.simulator.interfere = () => answers[asked++];

    await store().put(newObject('retried', 'whole content'));

    expect(kept('retried')?.content.toString()).toBe('whole content');
    expect(asked).toBe(3);
  });

  test('for longer is unreachable, and says what it answered', async () => {
    stores.simulator.interfere = () => ({ status: 503, body: 'Service Unavailable' });

    await expect(store().find('x')).rejects.toMatchObject({
      code: 'object-store-unreachable',
      detail: expect.stringContaining('HTTP 503') as string,
    });
  });

  test('answers nonsense for a list', async () => {
    stores.simulator.interfere = () => ({ status: 200, body: '<html>Welcome</html>' });

    await expect(store().list('', '')).rejects.toMatchObject({ code: 'object-store-unreachable' });
  });

  test('does not give a part but everything: refused, not mixed up', async () => {
    await store().put(newObject('whole', '0123456789'));
    stores.simulator.interfere = () => ({ status: 200, body: '0123456789' });

    await expect(store().open('whole', { start: 3, end: 4 })).rejects.toMatchObject({ code: 'object-store-refused' });
  });
});

describe('a wrong account', () => {
  test.each([
    ['secret key', { secretKey: 'wrong' }, 'SignatureDoesNotMatch'],
    ['access key', { accessKey: 'nobody' }, 'InvalidAccessKeyId'],
    ['bucket', { bucket: 'gone' }, 'NoSuchBucket'],
    ['region', { region: 'mars-1' }, 'AuthorizationHeaderMalformed'],
  ])('of S3: its %s is named, and no secret told', async (_what, changes, word) => {
    const attempt = stores.s3(changes).put(newObject('x', 'x'));

    await expect(attempt).rejects.toMatchObject({
      code: 'object-store-refused',
      detail: expect.stringContaining(word) as string,
    });
    await expect(attempt).rejects.toMatchObject({ detail: expect.not.stringContaining('wrong') as string });
  });

  test('of Swift is the cloud’s to refuse', async () => {
    const credential = {
      kind: 'password',
      username: 'ci',
      password: 'wrong',
      userDomainName: 'Default',
      projectName: 'ci',
      projectDomainName: 'Default',
    } as const;

    await expect(stores.swift({}, { credential }).put(newObject('x', 'x'))).rejects.toMatchObject({
      code: 'cloud-auth',
    });
  });

  test('container is refused by its name', async () => {
    await expect(stores.swift({ container: 'gone' }).put(newObject('x', 'x'))).rejects.toMatchObject({
      code: 'object-store-refused',
      detail: expect.stringContaining('container gone of ci-cloud') as string,
    });
  });
});

test('a token of Swift that was revoked is replaced', async () => {
  const store = stores.swift();
  await store.put(newObject('token', 'one'));
  stores.simulator.revokeTokens();

  await store.put(newObject('token', 'two'));

  expect(kept('token')?.content.toString()).toBe('two');
});

test('what is stopped is not sent again', async () => {
  const stop = new AbortController();
  stores.simulator.interfere = () => {
    stop.abort();
    return 'cut';
  };

  await expect(stores.s3().put(newObject('x', 'x', { signal: stop.signal }))).rejects.toMatchObject({
    code: 'object-store-unreachable',
  });
  expect(stores.simulator.requests).toHaveLength(1);
});

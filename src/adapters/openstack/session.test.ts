import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFront } from './testing/front.ts';
import type { Front, Interception } from './testing/front.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import { startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;
let front: Front;
let client: Client;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  front = await startFront(simulated.access.authUrl);
  client = createClient({ ...simulated.access, authUrl: front.authUrl }, { requestRate: 1000, logger: undefined });
});

afterEach(async () => {
  await front.close();
  await simulated.close();
});

function count(text: string): number {
  return front.requests.filter((line) => line.includes(text)).length;
}

const limits = { service: 'compute', method: 'GET', path: '/limits' } as const;

function manyCalls(): Promise<unknown> {
  return Promise.all(Array.from({ length: 20 }, () => client.call(limits)));
}

describe('one login', () => {
  test('is shared by all callers, as is the question for Nova’s version', async () => {
    await manyCalls();

    expect([count('/auth/tokens'), count('/compute/v2.1/ ') + count('/compute/v2.1/limits')]).toEqual([1, 20]);
    expect(front.requests.filter((line) => line === 'GET /compute/v2.1/')).toHaveLength(1);
  });

  test('replaces a revoked token however many callers notice', async () => {
    await manyCalls();
    await simulated.inject({ fault: 'revoke-tokens' });

    await manyCalls();

    expect(count('/auth/tokens')).toBe(2);
  });

  test('that fails is told to all who wait, and tried again by the next', async () => {
    front.intercept = refuse('/auth/tokens', 403);

    const results = await Promise.allSettled([client.call(limits), client.call(limits), client.call(limits)]);
    front.intercept = () => undefined;
    const later = await client.call(limits);

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(count('/auth/tokens')).toBe(2);
    expect(later.status).toBe(200);
  });
});

function refuse(path: string, status: number): Interception {
  return ({ line }) =>
    line.includes(path) ? { status, body: { error: { code: status, message: 'no', title: 'no' } } } : undefined;
}

test('a service that refuses every token does not cause a login for each call', async () => {
  front.intercept = refuse('/network/', 401);
  const ports = { service: 'network', method: 'GET', path: '/ports' } as const;

  const attempts = [];
  for (let index = 0; index < 4; index += 1) {
    attempts.push(...(await Promise.allSettled([client.call(ports)])));
    await client.call(limits);
  }

  expect(attempts.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  expect(count('/auth/tokens')).toBe(4);
});

test('a token that was good and is revoked again and again is replaced each time', async () => {
  for (let index = 0; index < 3; index += 1) {
    await client.call(limits);
    await simulated.inject({ fault: 'revoke-tokens' });
  }

  const answer = await client.call(limits);

  expect(answer.status).toBe(200);
});

describe('the microversion', () => {
  const offering = (version: string, oldest: string): Interception => {
    return ({ line }) =>
      line === 'GET /compute/v2.1/'
        ? { status: 200, body: { version: { id: 'v2.1', version, min_version: oldest } } }
        : undefined;
  };
  const sentVersions = () => {
    const sent = new Set<unknown>();
    const { intercept } = front;
    front.intercept = (request) => {
      if (request.line.includes('/limits')) sent.add(request.headers['openstack-api-version']);
      return intercept(request);
    };
    return sent;
  };

  test.each([
    ['2.93', 'compute 2.60'],
    ['2.53', 'compute 2.53'],
  ])('of a Nova up to %s is %s', async (newest, expected) => {
    front.intercept = offering(newest, '2.1');
    const sent = sentVersions();

    await client.call(limits);

    expect([...sent]).toEqual([expected]);
  });

  test.each([
    ['too old', '2.42', '2.1', 'Nova offers microversions 2.1 to 2.42, sidegate needs 2.52 to 2.60'],
    ['without any', '', '', 'Nova offers no microversions, sidegate needs 2.52 to 2.60'],
    ['too new', '2.120', '2.79', 'Nova offers microversions 2.79 to 2.120, sidegate needs 2.52 to 2.60'],
  ])('of a Nova that is %s is refused clearly', async (_name, newest, oldest, text) => {
    front.intercept = offering(newest, oldest);

    const attempt = client.call(limits);

    await expect(attempt).rejects.toMatchObject({
      code: 'cloud-refused',
      detail: expect.stringContaining(text) as string,
    });
  });

  test('is asked for again when Nova no longer takes it', async () => {
    await client.call(limits);
    front.intercept = refuse('/limits', 406);
    await client.call(limits).catch(() => undefined);
    front.intercept = () => undefined;

    await client.call(limits);

    expect(front.requests.filter((line) => line === 'GET /compute/v2.1/')).toHaveLength(2);
  });
});

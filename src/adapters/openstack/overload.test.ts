import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
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

const limits = { service: 'compute', method: 'GET', path: '/limits' } as const;
const keypair = { name: 'one', type: 'ssh', public_key: 'ssh-ed25519 AAAA' };
const create = { service: 'compute', method: 'POST', path: '/os-keypairs', body: { keypair } } as const;

/** The first `times` requests to this path get the answer. */
function answerFirst(path: string, times: number, status: number, headers: Record<string, string> = {}): void {
  let left = times;
  front.intercept = ({ line }) => {
    if (!line.includes(path) || left === 0) return undefined;
    left -= 1;
    return { status, headers };
  };
}

function count(path: string): number {
  return front.requests.filter((line) => line.includes(path)).length;
}

describe('a cloud that asks to slow down', () => {
  test.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1000).toUTCString()],
    ['something else', () => 'soon'],
  ])('in %s is asked again later', async (_name, retryAfter) => {
    answerFirst('/limits', 2, 429, { 'Retry-After': retryAfter() });

    const answer = await client.call(limits);

    expect(answer.status).toBe(200);
    expect(count('/limits')).toBe(3);
  });

  test('for longer than half a minute is not waited for', async () => {
    answerFirst('/limits', 9, 503, { 'Retry-After': '3600' });

    const attempt = client.call(limits);

    await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
    expect(count('/limits')).toBe(1);
  });

  test('has done nothing: a creation is sent again too', async () => {
    answerFirst('/os-keypairs', 1, 429);

    await client.call({ ...create, accept: [400] });

    expect(count('/os-keypairs')).toBe(2);
  });
});

test('a creation that ended in an error of the service is not sent again', async () => {
  answerFirst('/os-keypairs', 1, 503);

  const attempt = client.call(create);

  await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
  expect(count('/os-keypairs')).toBe(1);
});

describe('a cloud that keeps failing', () => {
  beforeEach(async () => {
    answerFirst('/limits', 1000, 500);
    await Promise.allSettled(Array.from({ length: 5 }, () => client.call(limits)));
  });

  test('is not asked any more, and the reason is told', async () => {
    const before = front.requests.length;

    const attempt = client.call({ service: 'network', method: 'GET', path: '/networks' });

    await expect(attempt).rejects.toMatchObject({
      code: 'cloud-unreachable',
      detail: expect.stringContaining('HTTP 500') as string,
    });
    expect(front.requests.length).toBe(before);
  });

  test('is shown as such', () => {
    const health = client.health();

    expect(health).toMatchObject({ state: 'open', reason: expect.stringContaining('/limits') as string });
  });
});

test('refusals are signs of life', async () => {
  for (let index = 0; index < 8; index += 1) {
    await client.call({ service: 'compute', method: 'GET', path: '/servers/nope' }).catch(() => undefined);
  }

  expect(client.health().state).toBe('closed');
});

test('refused credentials open the circuit: an account must not be locked by a service that tries for ever', async () => {
  front.intercept = ({ line }) => (line.includes('/auth/tokens') ? { status: 401, body: {} } : undefined);
  for (let index = 0; index < 9; index += 1) await client.call(limits).catch(() => undefined);

  const { state, reason } = client.health();

  expect({ state, reason }).toEqual({ state: 'open', reason: expect.stringContaining('HTTP 401') as string });
  expect(count('/auth/tokens')).toBe(5);
});

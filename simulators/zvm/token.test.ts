import { afterEach, describe, expect, it } from 'vitest';
import { call, fault, start, stopAll } from './test-client.ts';

afterEach(stopAll);

const patience = { timeout: 10_000 };

describe('tokens', () => {
  async function login(url: string): Promise<Record<string, string>> {
    const response = await fetch(`${url}/token`, { method: 'POST', headers: { 'X-Admin-Token': 'secret' } });
    return { 'X-Auth-Token': response.headers.get('x-auth-token') ?? '' };
  }

  it('are given for the admin token and accepted, forged ones are not', async () => {
    const url = await start({ adminToken: 'secret' });
    const token = await login(url);

    const answer = await call(url, 'GET /guests', undefined, token);
    const forged = await call(url, 'GET /guests', undefined, { 'X-Auth-Token': `${token['X-Auth-Token']}x` });

    expect([answer.status, forged.status]).toEqual([200, 401]);
  });

  it('expire', async () => {
    const url = await start({ adminToken: 'secret', tokenLifetime: 2000 });
    const token = await login(url);

    const first = await call(url, 'GET /guests', undefined, token);

    expect(first.status).toBe(200);
    await expect.poll(async () => (await call(url, 'GET /guests', undefined, token)).status, patience).toBe(401);
  });

  it('are revoked at once, or on the occasion of a call; a new one is good', async () => {
    const url = await start({ adminToken: 'secret' });
    const [first, second] = [await login(url), await login(url)];
    await call(url, 'DELETE /simulator/tokens');
    const revoked = await call(url, 'GET /guests', undefined, first);
    const third = await login(url);
    await fault(url, 'revoke-tokens', { method: 'DELETE', count: 1 });

    const statuses = [
      (await call(url, 'GET /guests', undefined, second)).status,
      (await call(url, 'GET /guests', undefined, third)).status,
      (await call(url, 'DELETE /guests/A', undefined, third)).status,
      (await call(url, 'GET /guests', undefined, await login(url))).status,
    ];

    expect(revoked.status).toBe(401);
    expect(statuses).toEqual([401, 200, 401, 200]);
  });
});

import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { CloudAccess, CloudCredential } from '../../domain/cloud-access.ts';
import { accessTo, credentialById, openCloud, password, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function start(options: Parameters<typeof startSimulatedCloud>[0] = {}): Promise<SimulatedCloud> {
  const simulated = await startSimulatedCloud(options);
  closers.push(() => simulated.close());
  return simulated;
}

function list(access: CloudAccess): Promise<readonly unknown[]> {
  return openCloud(access).listMarked('me');
}

/** Something at auth_url that is no Keystone. */
async function startOther(listener: RequestListener): Promise<CloudAccess> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return accessTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v3`);
}

/** As `clouds.yaml` is read where it has ids alone: the names are empty. */
const ofNobody = {
  kind: 'password',
  username: '',
  userDomainName: 'Default',
  projectName: '',
  projectDomainName: 'Default',
} as const;
const ciIds = { userId: '9996afe129b543cebf8cf9bda0bea4c2', projectId: 'e84f8f36ca3f4c6eb6b6f01231729804' };
const partners = '5b1f4d0f7c1c4c6c9e6a0a54d7d9a3be';
const inPartners: CloudCredential = {
  kind: 'password',
  username: 'ci',
  password: 'partners-secret',
  userDomainName: 'partners',
  projectName: 'ci',
  projectDomainName: 'partners',
};
const byPartnersId: CloudCredential = {
  ...inPartners,
  userDomainName: '',
  userDomainId: partners,
  projectDomainName: '',
  projectDomainId: partners,
};

test.each<[string, CloudCredential]>([
  ['a password', password],
  ['an application credential by id', credentialById],
  [
    'an application credential by name',
    {
      kind: 'application-credential',
      name: 'ci-cred',
      username: 'ci',
      userDomainName: 'Default',
      secret: 'ci-cred-secret',
    },
  ],
  ['a user and a project by id', { ...ofNobody, ...ciIds, password: 'secret' }],
  ['a user by id, the project by name', { ...ofNobody, userId: ciIds.userId, password: 'secret', projectName: 'ci' }],
  [
    'a project by id, the user by name',
    { ...ofNobody, username: 'ci', password: 'secret', projectId: ciIds.projectId },
  ],
  ['ids beside other names', { ...ofNobody, ...ciIds, password: 'secret', username: 'admin', projectName: 'admin' }],
  [
    'an application credential by name, its user by id',
    { kind: 'application-credential', name: 'ci-cred', userId: ciIds.userId, secret: 'ci-cred-secret' },
  ],
  ['a user and a project of another domain by name', inPartners],
  ['a user and a project of another domain by its id', byPartnersId],
])('%s logs in', async (_name, credential) => {
  const { access } = await start();

  const servers = await list({ ...access, credential });

  expect(servers).toEqual([]);
});

test.each<[string, CloudCredential]>([
  ['a wrong password', { ...password, password: 'wrong' } as CloudCredential],
  ['an unknown project', { ...password, projectName: 'nope' } as CloudCredential],
  ['a user of another domain', { ...inPartners, userDomainName: 'Default' } as CloudCredential],
  ['a project of another domain', { ...byPartnersId, projectDomainId: 'default' } as CloudCredential],
  ['an unknown domain', { ...byPartnersId, userDomainId: 'nope' } as CloudCredential],
  ['an unknown user id', { ...password, userId: '0'.repeat(32) } as CloudCredential],
  ['an unknown project id', { ...password, projectId: '0'.repeat(32) } as CloudCredential],
  ['a wrong secret', { ...credentialById, secret: 'wrong' } as CloudCredential],
  ['an unknown application credential', { ...credentialById, id: '0'.repeat(32) } as CloudCredential],
])('%s is refused as such, without the secret in the text', async (_name, credential) => {
  const { access } = await start();

  const attempt = list({ ...access, credential });

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-auth',
    detail: expect.not.stringContaining('wrong') as string,
  });
});

test('an auth_url without version works', async () => {
  const { access } = await start();

  const servers = await list({ ...access, authUrl: access.authUrl.replace(/v3$/u, '') });

  expect(servers).toEqual([]);
});

test('a revoked token is replaced', async () => {
  const simulated = await start();
  const cloud = openCloud(simulated.access);
  await cloud.listMarked('me');
  await simulated.inject({ fault: 'revoke-tokens' });

  const servers = await Promise.all([cloud.listMarked('me'), cloud.listMarked('me')]);

  expect(servers).toEqual([[], []]);
});

test('a token is renewed before it ends', async () => {
  const { access } = await start({ tokenLifetime: 400 });
  const cloud = openCloud(access);
  const until = Date.now() + 1500;

  const listing = async () => {
    while (Date.now() < until) await cloud.listMarked('me');
  };

  await expect(listing()).resolves.toBeUndefined();
});

describe.each([
  ['ahead', 7200],
  ['behind', -7200],
])('of a cloud whose clock is two hours %s', (_name, seconds) => {
  /** Statuses of the logins, and how many requests were refused for their token. */
  async function readLogins({ api }: SimulatedCloud) {
    const { requests } = await api.call<{
      requests: { method: string; route: string; status: number; count: number }[];
    }>('GET', '/simulator/requests');
    const sum = (matches: (request: (typeof requests)[number]) => boolean) =>
      requests.filter(matches).reduce((total, { count }) => total + count, 0);
    return {
      logins: sum(({ method, route }) => method === 'POST' && route.endsWith('/auth/tokens')),
      refused: sum(({ status }) => status === 401),
    };
  }

  async function startSkewed(options: Parameters<typeof start>[0] = {}) {
    const simulated = await start(options);
    await simulated.inject({ fault: 'clock-skew', seconds });
    await simulated.api.call('DELETE', '/simulator/requests');
    return simulated;
  }

  test('one login serves all calls', async () => {
    const simulated = await startSkewed();
    const cloud = openCloud(simulated.access);

    for (let index = 0; index < 5; index += 1) await cloud.listMarked('me');

    expect(await readLogins(simulated)).toEqual({ logins: 1, refused: 0 });
  });

  test('tokens are renewed before they end, not at each call', async () => {
    const simulated = await startSkewed({ tokenLifetime: 2000 });
    const cloud = openCloud(simulated.access);
    const until = Date.now() + 5000;

    let calls = 0;
    for (; Date.now() < until; calls += 1) await cloud.listMarked('me');

    const { logins, refused } = await readLogins(simulated);
    expect(refused).toBe(0);
    expect(logins).toBeGreaterThan(2);
    expect(logins).toBeLessThan(6);
    expect(calls).toBeGreaterThan(logins);
  });

  test('one login serves all calls of an application credential that ends by the clock of somebody else', async () => {
    const simulated = await startSkewed({ credentialExpiresAt: Math.ceil(Date.now() / 1000) * 1000 + 600_000 });
    const cloud = openCloud({ ...simulated.access, credential: credentialById });

    for (let index = 0; index < 5; index += 1) await cloud.listMarked('me');

    expect(await readLogins(simulated)).toEqual({ logins: 1, refused: 0 });
  });
});

test('an application credential that ends soon works until then, its end told without a zone', async () => {
  const { access } = await start({ credentialExpiresAt: Math.ceil(Date.now() / 1000) * 1000 + 60_000 });

  const servers = await list({ ...access, credential: credentialById });

  expect(servers).toEqual([]);
});

test.each(['compute', 'identity'])('two failures of %s in a row are passed over', async (service) => {
  const simulated = await start();
  await simulated.inject({ fault: 'http', service, status: 503, times: 2 });

  const servers = await list(simulated.access);

  expect(servers).toEqual([]);
});

test('a service that keeps failing is unreachable', async () => {
  const simulated = await start();
  await simulated.inject({ fault: 'http', service: 'compute', status: 503, times: 3 });

  const attempt = list(simulated.access);

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-unreachable',
    detail: expect.stringContaining('HTTP 503') as string,
  });
});

test('a service that does not answer is given up after the limit', async () => {
  const simulated = await start();
  await simulated.inject({ fault: 'silence', service: 'compute' });

  const attempt = list({ ...simulated.access, apiTimeout: 300 });

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-unreachable',
    detail: expect.stringContaining('within 300 ms') as string,
  });
});

test('a region or interface the catalog does not have is refused', async () => {
  const { access } = await start();

  const attempt = list({ ...access, region: 'Nowhere' });

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: expect.stringContaining('Nowhere') as string,
  });
});

test('of several regions one must be named', async () => {
  const { access } = await start();

  const attempt = list({ ...access, region: undefined });

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-refused',
    detail: expect.stringContaining('set region_name, there are RegionOne, RegionTwo') as string,
  });
});

test('nobody listening is unreachable', async () => {
  const attempt = list(accessTo('http://127.0.0.1:1/v3'));

  await expect(attempt).rejects.toMatchObject({
    code: 'cloud-unreachable',
    detail: expect.stringContaining('ECONNREFUSED') as string,
  });
});

test.each<[string, RequestListener]>([
  ['a page of a proxy', (_request, response) => response.writeHead(200).end('<html>Welcome</html>')],
  [
    'a token without its fields',
    (_request, response) => response.writeHead(201, { 'X-Subject-Token': 't' }).end('{"token":{"catalog":7}}'),
  ],
  ['an answer without end', (_request, response) => endless(response.writeHead(201, { 'X-Subject-Token': 't' }))],
])('%s is no Keystone', async (_name, listener) => {
  const access = await startOther(listener);

  const attempt = list(access);

  await expect(attempt).rejects.toMatchObject({
    code: expect.stringMatching(/^cloud-(unreachable|refused)$/u) as string,
  });
});

function endless(response: { write(chunk: string, done: (error?: Error | null) => void): boolean }): void {
  response.write('x'.repeat(65_536), (error) => {
    if (!error) endless(response);
  });
}

import { execFileSync, spawnSync } from 'node:child_process';
import { request } from 'node:https';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRequestLog } from './request-log.ts';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulatorOptions } from './simulator.ts';
import { bootServer, createApiClient } from './testing/api-client.ts';
import { newKey } from './testing/ssh.ts';

let directory: string;
let stop: () => Promise<void>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openstack-options-'));
  stop = () => Promise.resolve();
});

afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true });
});

async function start(options: Partial<OpenstackSimulatorOptions>) {
  const simulator = await startOpenstackSimulator({ directory, bootDelay: 0, ...options });
  stop = () => simulator.close();
  return simulator;
}

test('an older Nova says its newest microversion and refuses newer ones', async () => {
  const { authUrl } = await start({ maxMicroversion: '2.60' });
  const url = `${new URL(authUrl).origin}/compute/v2.1`;

  const known = (await (await fetch(url)).json()) as { version: { version: string } };
  const refused = await fetch(url, { headers: { 'OpenStack-API-Version': 'compute 2.61' } });

  expect(known.version.version).toBe('2.60');
  expect(refused.status).toBe(406);
});

test('before 2.45 the place of a snapshot is in a header', async () => {
  const { authUrl } = await start({});
  const api = await createApiClient(authUrl);
  const { id } = await bootServer(api, newKey().public);
  const { token } = await logInWith(authUrl);

  const response = await fetch(`${new URL(authUrl).origin}/compute/v2.1/servers/${id}/action`, {
    method: 'POST',
    headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json', 'OpenStack-API-Version': 'compute 2.44' },
    body: JSON.stringify({ createImage: { name: 'old' } }),
  });

  const { images } = await api.call<{ images: { id: string }[] }>('GET', '/image/v2/images?name=old');
  expect(response.status).toBe(202);
  expect(response.headers.get('location')).toBe(`${new URL(authUrl).origin}/image/images/${images[0]?.id}`);
});

async function logInWith(authUrl: string): Promise<{ token: string }> {
  const user = { name: 'ci', domain: { id: 'default' }, password: 'secret' };
  const response = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
  });
  return { token: response.headers.get('x-subject-token') ?? '' };
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test.skipIf(!hasOpenssl)(
  'with a certificate (made by openssl) it speaks TLS and says so in its addresses',
  async () => {
    const files = { certificate: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
    const subject = ['-subj', '/CN=simulated', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1', '-nodes'];
    const output = ['-keyout', files.key, '-out', files.certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...output], { stdio: 'ignore' });
    const { authUrl } = await start({ tls: files });
    const ca = await readFile(files.certificate);

    const text = await new Promise<string>((resolve, reject) => {
      const call = request(authUrl, { ca }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      });
      call.on('error', reject).end();
    });

    expect(authUrl).toMatch(/^https:/u);
    expect(text).toContain(`${authUrl}/`);
  },
);

test('without SSH servers hundreds of servers boot, show a host key and leave no files', async () => {
  const unlimited = { instances: -1, cores: -1, ram: -1 };
  const { authUrl } = await start({ sshServers: false, quota: unlimited, networkQuota: { port: -1 } });
  const api = await createApiClient(authUrl);
  await api.addKeypair(newKey().public);

  const servers = await Promise.all(Array.from({ length: 300 }, () => bootServer(api, undefined)));

  expect(new Set(servers.map(({ address }) => address)).size).toBe(300);
  expect(await readdir(directory)).toEqual([]);
});

test('what was asked is counted, with the most requests within a second', async () => {
  const { authUrl } = await start({});
  const origin = new URL(authUrl).origin;
  const api = await createApiClient(authUrl);
  await api.call('DELETE', '/simulator/requests');
  await Promise.all(Array.from({ length: 5 }, () => api.call('GET', '/compute/v2.1/servers')));
  await fetch(`${origin}/network/v2.0/ports/none`);

  const report = await api.call<object>('GET', '/simulator/requests');

  const region = 'RegionOne';
  expect(report).toEqual({
    total: 6,
    busiestSecond: expect.any(Number) as number,
    busiestSecondByRegion: { RegionOne: expect.any(Number) as number },
    busiestTenSecondsByRegion: { RegionOne: 6 },
    requests: [
      { service: 'compute', region, method: 'GET', route: '/v2.1/servers', status: 200, count: 5 },
      { service: 'network', region, method: 'GET', route: '/v2.0/ports/:id', status: 401, count: 1 },
    ],
  });
});

test('the busiest second may begin at any moment', () => {
  let now = 0;
  const log = createRequestLog(() => now);
  for (const at of [0, 600, 900, 1500, 1550, 1700, 4000]) {
    now = at;
    log.arrived({ service: 'compute', region: 'RegionOne', method: 'GET', path: '/' });
  }

  const report = log.report();

  // From 900 to 1700 and, with 600, from 600 to 1550.
  expect(report).toMatchObject({ total: 7, busiestSecond: 4, busiestSecondByRegion: { RegionOne: 4 } });
  expect(report).toMatchObject({ busiestTenSecondsByRegion: { RegionOne: 7 } });
});

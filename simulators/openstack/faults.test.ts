import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { bootServer, createApiClient } from './testing/api-client.ts';
import type { ApiClient } from './testing/api-client.ts';
import { logIn } from './testing/replay.ts';
import { connect, newKey } from './testing/ssh.ts';

const key = newKey();

let directory: string;
let simulator: OpenstackSimulator;
let api: ApiClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openstack-faults-'));
  simulator = await startOpenstackSimulator({ directory, bootDelay: 0 });
  api = await createApiClient(simulator.authUrl);
});

afterEach(async () => {
  await simulator.close();
  await rm(directory, { recursive: true });
});

function inject(fault: object): Promise<unknown> {
  return api.call('POST', '/simulator/faults', fault);
}

test('the next servers boot without SSH, the ones after them with it', async () => {
  await inject({ fault: 'no-ssh' });

  const without = await bootServer(api, key.public, {}, 'finished at');
  const withSsh = await bootServer(api, undefined);

  await expect(connect(without, simulator.sshPort, key.private)).rejects.toThrow('ECONNREFUSED');
  (await connect(withSsh, simulator.sshPort, key.private)).end();
});

test('a server without SSH can have a host key on its console', async () => {
  await inject({ fault: 'no-ssh', hostKey: true });

  const server = await bootServer(api, key.public, {}, 'finished at');
  const { output } = await api.call<{ output: string }>('POST', `/compute/v2.1/servers/${server.id}/action`, {
    'os-getConsoleOutput': {},
  });

  expect(output).toContain('BEGIN SSH HOST KEY KEYS');
  await expect(connect(server, simulator.sshPort, key.private)).rejects.toThrow('ECONNREFUSED');
});

test('a server whose kernel panics says so on its console and stays ACTIVE; it may boot again', async () => {
  const [silent, back] = [await bootServer(api, key.public), await bootServer(api, undefined)];
  const consoleOf = async ({ id }: { id: string }) =>
    (
      await api.call<{ output: string }>('POST', `/compute/v2.1/servers/${id}/action`, { 'os-getConsoleOutput': {} })
    ).output.replaceAll(/^(?!.*(?:Linux version|Kernel panic)).*\n/gm, '');

  await inject({ fault: 'panic', server: silent.id });
  await inject({ fault: 'panic', server: back.id, reboots: true });

  const boot = String.raw`\[ +0\.0+\] Linux version .*\n`;
  const panic = String.raw`\[ *812.*\] Kernel panic - not syncing.*\n.*end Kernel panic.*\n`;
  await expect.poll(() => consoleOf(silent)).toMatch(new RegExp(`^${boot}${panic}$`));
  await expect.poll(() => consoleOf(back)).toMatch(new RegExp(`^${boot}${panic}${boot}`));
  const { server } = await api.call<{ server: { status: string } }>('GET', `/compute/v2.1/servers/${silent.id}`);
  expect(server.status).toBe('ACTIVE');
  await expect(connect(silent, simulator.sshPort, key.private)).rejects.toThrow('ECONNREFUSED');
  await expect.poll(async () => (await connect(back, simulator.sshPort, key.private)).end()).toBeDefined();
});

test('a server is lost behind the back of its owner', async () => {
  const server = await bootServer(api, key.public);

  await inject({ fault: 'lose-server', server: server.id });

  const show = () => api.call('GET', `/compute/v2.1/servers/${server.id}`).catch((error: Error) => error.message);
  await expect.poll(show).toContain('could not be found');
});

test('a fault taken back does not happen', async () => {
  await inject({ fault: 'http', service: 'compute', status: 503, times: 5 });
  await inject({ fault: 'http', service: 'compute', status: 503, times: 0 });

  const list = api.call('GET', '/compute/v2.1/servers');

  await expect(list).resolves.toEqual({ servers: [] });
});

test('two answers of the same service are two faults, also where both wait', async () => {
  await inject({ fault: 'http', service: 'compute', status: 503 });
  await inject({ fault: 'http', service: 'compute', status: 502, form: 'html' });

  const answers = [await ask('GET', '/compute/v2.1/servers'), await ask('GET', '/compute/v2.1/servers')] as Response[];

  expect(answers.map(({ status }) => status)).toEqual([503, 502]);
});

test('an unknown fault is a 400 that says why', async () => {
  const attempt = inject({ fault: 'flood' });

  await expect(attempt).rejects.toThrow(/400 .*Invalid/u);
});

/** Status and headers of a request, whatever it is; `cut` without an answer. */
async function ask(method: string, path: string, body?: object): Promise<Response | 'cut'> {
  const token = await logIn(simulator.authUrl, 'ci');
  const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json' };
  const url = `${new URL(simulator.authUrl).origin}${path}`;
  return fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) }).catch(() => 'cut');
}

const lan = '4f6b1a52-7a0e-4c55-9c0b-0d1f5ce2b9a7';

test('a proxy in front of a service answers in HTML', async () => {
  await inject({ fault: 'http', service: 'network', status: 502, form: 'html' });

  const response = (await ask('GET', '/network/v2.0/ports')) as Response;

  expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
  expect(await response.text()).toContain('<h1>502 Bad Gateway</h1>');
});

test('too many requests are told when to come back', async () => {
  await inject({ fault: 'too-many-requests', service: 'compute', retryAfter: 7 });

  const response = (await ask('GET', '/compute/v2.1/servers')) as Response;

  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  expect(await response.json()).toMatchObject({ overLimit: { code: 429 } });
});

test.each([
  [{ fault: 'cut' }, 1],
  [{ fault: 'cut', handled: false }, 0],
  [{ fault: 'silence', seconds: 0.05, handled: true }, 1],
  [{ fault: 'silence', seconds: 0.05 }, 0],
])('%j on the creation of a port leaves %i of them', async (fault, left) => {
  await inject({ ...fault, service: 'network', method: 'POST', path: '/ports' });

  const answer = await ask('POST', '/network/v2.0/ports', { port: { network_id: lan } });

  const { ports } = await api.call<{ ports: unknown[] }>('GET', '/network/v2.0/ports');
  expect(answer).toBe('cut');
  expect(ports).toHaveLength(left);
});

async function create(extra: object = {}): Promise<string> {
  const server = { name: 'x', imageRef: image, flavorRef: '1', networks: [{ uuid: lan }], ...extra };
  const created = await api.call<{ server: { id: string } }>('POST', '/compute/v2.1/servers', { server });
  return created.server.id;
}

const image = '713a8310-e2ba-4895-9e1b-ba94f5a90c63';

/** `BUILD spawning`, or the error. */
function state(id: string): Promise<string> {
  return api.call<{ server: Record<string, string | null> }>('GET', `/compute/v2.1/servers/${id}`).then(
    ({ server }) => `${server['status']} ${server['OS-EXT-STS:task_state'] ?? ''}`.trim(),
    (error: Error) => error.message,
  );
}

test('a server stays in BUILD until it is deleted', async () => {
  await inject({ fault: 'stuck-build' });
  const stuck = await create();
  const other = await create();
  await expect.poll(() => state(other)).toBe('ACTIVE');
  const before = await state(stuck);

  await api.call('DELETE', `/compute/v2.1/servers/${stuck}`);

  expect(before).toBe('BUILD spawning');
  await expect.poll(() => state(stuck)).toContain('404');
});

test('a deletion that does not end ends when it is forced', async () => {
  await inject({ fault: 'stuck-delete' });
  const server = await create();
  await expect.poll(() => state(server)).toBe('ACTIVE');
  await api.call('DELETE', `/compute/v2.1/servers/${server}`);
  await api.call('DELETE', `/compute/v2.1/servers/${server}`);
  const before = await state(server);

  await api.call('POST', `/compute/v2.1/servers/${server}/action`, { forceDelete: null });

  expect(before).toBe('ACTIVE deleting');
  await expect.poll(() => state(server)).toContain('404');
});

test('a stubborn deletion ends when the fault is cleared', async () => {
  await inject({ fault: 'stuck-delete', stubborn: true });
  const server = await create();
  await expect.poll(() => state(server)).toBe('ACTIVE');
  await api.call('DELETE', `/compute/v2.1/servers/${server}`);
  await api.call('POST', `/compute/v2.1/servers/${server}/action`, { forceDelete: null });
  const before = await state(server);

  await api.call('DELETE', '/simulator/faults/stuck-delete');

  expect(before).toBe('ACTIVE deleting');
  await expect.poll(() => state(server)).toContain('404');
});

test('servers of one availability zone fail', async () => {
  await inject({ fault: 'create-error', zone: 'nova', times: 5 });

  const here = await create({ availability_zone: 'nova' });
  const there = await create({ availability_zone: 'zone-b' });

  await expect.poll(() => state(there)).toBe('ACTIVE');
  expect(await state(here)).toBe('ERROR');
});

test('a running server vanishes', async () => {
  await inject({ fault: 'vanish', seconds: 0, rate: 1 });

  const server = await create();

  await expect.poll(() => state(server)).toContain('404');
});

test('others take the quota and give it back', async () => {
  await inject({ fault: 'others', servers: 10, ports: 3, floatingIps: 2 });
  const full = await create().catch((error: Error) => error.message);
  const { quota } = await api.call<{ quota: Record<string, { used: number }> }>(
    'GET',
    `/network/v2.0/quotas/${api.projectId}/details.json`,
  );

  await api.call('DELETE', '/simulator/faults');

  const server = await create();
  expect(full).toMatch(/403 .*Quota exceeded for instances/u);
  expect([quota['port']?.used, quota['floatingip']?.used]).toEqual([3, 2]);
  await expect.poll(() => state(server)).toBe('ACTIVE');
});

test('Keystone says times of a clock that is wrong', async () => {
  await inject({ fault: 'clock-skew', seconds: -7200 });

  const { token } = await fetch(`${simulator.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'ci', domain: { id: 'default' }, password: 'secret' } },
        },
      },
    }),
  }).then((response) => response.json() as Promise<{ token: { issued_at: string; expires_at: string } }>);

  expect(Date.parse(token.expires_at)).toBeLessThan(Date.now());
  expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(3_600_000);
});

test('what happens by chance happens the same way with the same seed', async () => {
  const statuses = async () => {
    const own = await mkdtemp(join(tmpdir(), 'openstack-chance-'));
    const cloud = await startOpenstackSimulator({ directory: own, seed: 7 });
    const url = new URL(cloud.authUrl).origin;
    const body = JSON.stringify({ fault: 'http', rate: 0.3 });
    await fetch(`${url}/simulator/faults`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    const seen: number[] = [];
    for (let left = 40; left > 0; left -= 1) seen.push((await fetch(`${url}/compute/`)).status);
    const { faults } = (await (await fetch(`${url}/simulator/faults`)).json()) as { faults: { happened: number }[] };
    await cloud.close();
    await rm(own, { recursive: true });
    return {
      seen: seen.join(' '),
      failed: seen.filter((status) => status === 503).length,
      listed: faults[0]?.happened,
    };
  };

  const first = await statuses();
  const second = await statuses();

  expect(second).toEqual(first);
  expect(first.failed).toBeGreaterThan(0);
  expect(first.failed).toBeLessThan(40);
  expect(first.listed).toBe(first.failed);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { bootServer, createApiClient } from './testing/api-client.ts';
import type { ApiClient } from './testing/api-client.ts';
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

test('an unknown fault is a 400 that says why', async () => {
  const attempt = inject({ fault: 'flood' });

  await expect(attempt).rejects.toThrow(/400 .*Invalid/u);
});

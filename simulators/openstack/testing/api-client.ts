import { sleep } from '../../../src/shared/clock.ts';
import { logIn } from './replay.ts';

/** Just enough of a client to drive the simulator in tests; the adapter has its own tests. */
export interface ApiClient {
  readonly projectId: string;
  call<Body>(method: string, path: string, body?: unknown, user?: 'ci' | 'admin'): Promise<Body>;
  upload(path: string, content: string): Promise<void>;
  addKeypair(publicKey: string): Promise<void>;
  /** Sends an action and waits for the status. */
  act(serverId: string, action: object, status: string): Promise<void>;
}

interface ShownServer {
  readonly server: {
    readonly id: string;
    readonly status: string;
    readonly addresses: Record<string, { addr: string }[]>;
  };
}

const projectId = 'e84f8f36ca3f4c6eb6b6f01231729804';
const lan = '4f6b1a52-7a0e-4c55-9c0b-0d1f5ce2b9a7';
const image = '713a8310-e2ba-4895-9e1b-ba94f5a90c63';

export async function createApiClient(authUrl: string): Promise<ApiClient> {
  const origin = new URL(authUrl).origin;
  const tokens = { ci: await logIn(authUrl, 'ci'), admin: await logIn(authUrl, 'admin') };

  async function call<Body>(method: string, path: string, body?: unknown, user: 'ci' | 'admin' = 'ci'): Promise<Body> {
    const headers = {
      'X-Auth-Token': tokens[user],
      'Content-Type': 'application/json',
      'OpenStack-API-Version': 'compute 2.90',
    };
    const response = await fetch(`${origin}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }

  async function upload(path: string, content: string): Promise<void> {
    const headers = { 'X-Auth-Token': tokens.ci, 'Content-Type': 'application/octet-stream' };
    const response = await fetch(`${origin}${path}`, { method: 'PUT', headers, body: content });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  }

  async function addKeypair(publicKey: string): Promise<void> {
    await call('POST', '/compute/v2.1/os-keypairs', { keypair: { name: 'key', type: 'ssh', public_key: publicKey } });
  }

  async function act(serverId: string, action: object, status: string): Promise<void> {
    await call('POST', `/compute/v2.1/servers/${serverId}/action`, action);
    await waitForStatus({ call }, serverId, status);
  }

  return { projectId, call, upload, addKeypair, act };
}

async function waitForStatus(api: Pick<ApiClient, 'call'>, id: string, status: string): Promise<ShownServer['server']> {
  for (let tries = 0; tries < 500; tries += 1) {
    const { server } = await api.call<ShownServer>('GET', `/compute/v2.1/servers/${id}`);
    if (server.status === status) return server;
    await sleep(10);
  }
  throw new Error(`server ${id} does not become ${status}`);
}

/** Boots a server on network lan until its console shows the host key, or another text. */
export async function bootServer(
  api: ApiClient,
  publicKey: string | undefined,
  extra: object = {},
  text = 'END SSH HOST KEY KEYS',
): Promise<{ id: string; address: string }> {
  if (publicKey !== undefined) await api.addKeypair(publicKey);
  const wanted = {
    name: 'test',
    imageRef: image,
    flavorRef: '1',
    key_name: 'key',
    networks: [{ uuid: lan }],
    ...extra,
  };
  const created = await api.call<ShownServer>('POST', '/compute/v2.1/servers', { server: wanted });
  const { id } = created.server;
  const { addresses } = await waitForStatus(api, id, 'ACTIVE');
  for (let tries = 0; tries < 500; tries += 1) {
    const { output } = await api.call<{ output: string }>('POST', `/compute/v2.1/servers/${id}/action`, {
      'os-getConsoleOutput': null,
    });
    if (output.includes(text)) return { id, address: addresses['lan']?.[0]?.addr ?? '' };
    await sleep(10);
  }
  throw new Error(`server ${id} does not show ${text}`);
}

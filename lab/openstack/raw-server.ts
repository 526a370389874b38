import { setTimeout as wait } from 'node:timers/promises';
import ssh2 from 'ssh2';
import type { OpenstackSession } from './openstack-session.ts';
import type { OpenstackAddress } from './start-openstack.ts';

export interface RawServer {
  readonly id: string;
  readonly status: string;
  readonly addresses: Readonly<Record<string, readonly { readonly addr: string }[]>>;
  readonly fault?: { readonly message: string };
}

const LIMIT = 60_000;

/** Asks Nova for the smallest server in `lan`, with these changes to the request. */
export async function createServer(
  session: OpenstackSession,
  cloud: OpenstackAddress,
  changes: Readonly<Record<string, unknown>>,
): Promise<string> {
  const server = {
    imageRef: cloud.image.id,
    flavorRef: cloud.flavors.tiny.id,
    networks: [{ uuid: cloud.networks.lan.id }],
    ...changes,
  };
  const created = await session.ask<{ server: RawServer }>('compute', 'POST /servers', { body: { server } });
  return created.server.id;
}

export async function untilStatus(session: OpenstackSession, id: string, wanted: string): Promise<RawServer> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const { server } = await session.ask<{ server: RawServer }>('compute', `GET /servers/${id}`);
    if (server.status === wanted) return server;
    if (server.status === 'ERROR' || Date.now() > deadline)
      throw new Error(`server ${id} is ${server.status}, not ${wanted}: ${server.fault?.message}`);
    await wait(200);
  }
}

export async function deleteServer(session: OpenstackSession, id: string): Promise<void> {
  const deadline = Date.now() + LIMIT;
  await session.call('compute', `DELETE /servers/${id}`);
  while ((await session.call('compute', `GET /servers/${id}`)).status !== 404) {
    if (Date.now() > deadline) throw new Error(`server ${id} does not go away`);
    await wait(200);
  }
}

/** SSH host key (`TYPE BASE64`) on the console, as cloud-init shows it. */
export async function untilHostKey(session: OpenstackSession, id: string): Promise<string> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const { output } = await session.ask<{ output: string }>('compute', `POST /servers/${id}/action`, {
      body: { 'os-getConsoleOutput': { length: null } },
    });
    const key = /^-----BEGIN SSH HOST KEY KEYS-----\r?\n(\S+ \S+)/mu.exec(output)?.[1];
    if (key !== undefined) return key;
    if (Date.now() > deadline) throw new Error(`no host key on the console: ${output.slice(-2000)}`);
    await wait(200);
  }
}

export interface Login {
  readonly host: string;
  readonly privateKey: string;
  readonly hostKey: string;
}

/** Runs one command as root; tries again while nothing listens yet. */
export async function runOverSsh(login: Login, command: string): Promise<string> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    try {
      return await runOnce(login, command);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || Date.now() > deadline) throw error;
      await wait(200);
    }
  }
}

function runOnce({ host, privateKey, hostKey }: Login, command: string): Promise<string> {
  const client = new ssh2.Client();
  const [, expected] = hostKey.split(' ');
  return new Promise<string>((resolve, reject) => {
    client.on('error', reject);
    client.on('ready', () => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let output = '';
        channel.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
        channel.stderr.resume();
        channel.on('close', () => resolve(output));
      });
    });
    client.connect({
      host,
      username: 'root',
      privateKey,
      hostVerifier: (key: Buffer) => key.toString('base64') === expected,
    });
  }).finally(() => client.end());
}

import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runCommand } from '../gerrit/run-command.ts';
import { openSession } from '../openstack/openstack-session.ts';
import type { OpenstackSession } from '../openstack/openstack-session.ts';
import { installedVersions } from '../openstack/packages.ts';
import type { Place } from '../openstack/place.ts';
import { killProcesses } from '../openstack/processes.ts';
import { authUrlOf, users } from '../openstack/provision.ts';
import { accepts, launch } from '../openstack/run-service.ts';
import { environmentOf } from '../openstack/services.ts';
import { configurations } from './swift-configuration.ts';
import type { Server } from './swift-configuration.ts';

/** Debian's. */
const needed = ['swift-proxy', 'swift-account', 'swift-container', 'swift-object'] as const;
const storage = ['account', 'container', 'object'] as const;
const proxies = ['proxy', 's3'] as const;

export type SwiftPorts = Readonly<Record<Server, number>>;

export interface RealSwift {
  /** Of the S3 server, which is Swift too, with accounts of its own. */
  readonly s3Url: string;
  kill(server: Server): Promise<void>;
  /** Starts it on the same port. */
  start(server: Server): Promise<void>;
  /** Ends all of it and takes it out of Keystone's catalogue. */
  stop(): Promise<void>;
}

/** A real Swift of one node in the lab's OpenStack; it ends with that at the latest. */
export async function startSwift(place: Place): Promise<RealSwift> {
  await installedVersions(needed);
  const folder = join(place.root, 'run/swift');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'nodes/d1'), { recursive: true });
  const ports = await freePorts();
  for (const [name, text] of Object.entries(configurations(place, folder, ports)))
    await writeFile(join(folder, name), text);
  await Promise.all(storage.map((name) => buildRing(place, folder, { name, port: ports[name] })));
  const start = (server: Server) => startServer(place, { folder, server, port: ports[server] });
  const kill = (server: Server) => killProcesses(place.root, `swift-${server}`);
  // One of another test file, that did not come to its end.
  await Promise.all([...storage, ...proxies].map(kill));
  const withdraw = await register(place, ports.proxy);
  await Promise.all([...storage, ...proxies].map(start));
  return {
    s3Url: `http://127.0.0.1:${ports.s3}`,
    kill,
    start,
    async stop() {
      await withdraw();
      await Promise.all([...storage, ...proxies].map(kill));
    },
  };
}

/** One node, one copy of everything, 16 parts. */
async function buildRing(place: Place, folder: string, { name, port }: { name: string; port: number }): Promise<void> {
  const builder = join(folder, `${name}.builder`);
  const run = (...args: readonly string[]) =>
    runCommand('swift-ring-builder', [builder, ...args], { cwd: folder, env: environmentOf(place.root, 'swift-ring') });
  await run('create', '4', '1', '0');
  await run('add', `r1z1-127.0.0.1:${port}/d1`, '1');
  await run('rebalance');
}

async function startServer(
  place: Place,
  { folder, port, server }: { folder: string; port: number; server: Server },
): Promise<void> {
  const name = `swift-${server}`;
  const program = server === 's3' ? 'swift-proxy-server' : `swift-${server}-server`;
  await launch({
    root: place.root,
    name,
    command: [`/usr/bin/${program}`, join(folder, `${server}.conf`), '--verbose'],
    env: environmentOf(place.root, name),
    ready: () => accepts(port),
  });
}

/** Into the catalogue, where the product looks for it. Answers how it comes out again. */
async function register(place: Place, port: number): Promise<() => Promise<void>> {
  const admin = await openSession(authUrlOf(place), users.admin);
  await unregister(admin);
  const { service } = await admin.ask<{ service: { id: string } }>('identity', 'POST /services', {
    body: { service: { name: 'swift', type: 'object-store' } },
  });
  const url = `http://127.0.0.1:${port}/v1/AUTH_$(project_id)s`;
  const endpoint = { service_id: service.id, interface: 'public', region_id: 'RegionOne', url };
  await admin.ask('identity', 'POST /endpoints', { body: { endpoint } });
  return () => unregister(admin);
}

async function unregister(admin: OpenstackSession): Promise<void> {
  const { services } = await admin.ask<{ services: { id: string }[] }>('identity', 'GET /services?type=object-store');
  for (const { id } of services) await admin.ask('identity', `DELETE /services/${id}`);
}

async function freePorts(): Promise<SwiftPorts> {
  const names = [...storage, ...proxies];
  const servers = names.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as SwiftPorts;
}

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const portNames = [
  'mariadb',
  'rabbitmq',
  'rabbitmqDistribution',
  'erlangPortMapper',
  'keystone',
  'placement',
  'glance',
  'nova',
  'neutron',
] as const;

type Ports = Readonly<Record<(typeof portNames)[number], number>>;

/** Folders, ports and wishes of one running cloud; plain JSON. */
export interface Place {
  readonly root: string;
  /** This start of it: the guard of an earlier one leaves it alone. */
  readonly run: string;
  readonly ports: Ports;
  /** Interface of this host in the network of the servers. */
  readonly bridge: string;
  /** Seconds a Keystone token is good for. */
  readonly tokenLifetime: number;
  /** Seconds the services believe in a token without asking Keystone again. */
  readonly tokenCacheTime: number;
}

/** No python of pyenv and the like: Debian's programs need Debian's python. */
export const toolPath = '/usr/sbin:/usr/bin:/sbin:/bin';

/** What is kept between runs once it is made. */
export const keptParts = ['mysql', 'images', 'fernet-keys', 'credential-keys'] as const;

const RUN_FILE = 'run/id';

const madeParts = ['etc', 'log', 'run', 'guests', 'glance', 'nova', 'neutron', 'rabbitmq', 'python'] as const;

/** Empties a folder for a cloud, and chooses its ports. */
export async function makeRoot(folder: string): Promise<Pick<Place, 'root' | 'run' | 'ports'>> {
  for (const part of madeParts) await mkdir(join(folder, part), { recursive: true });
  const run = randomUUID();
  await writeFile(join(folder, RUN_FILE), run);
  return { root: realpathSync(folder), run, ports: await freePorts() };
}

export function isRun(root: string, run: string): boolean {
  return readFileSync(join(root, RUN_FILE), 'utf8') === run;
}

export const allParts: readonly string[] = [...keptParts, ...madeParts];

async function freePorts(): Promise<Ports> {
  const servers = portNames.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return Object.fromEntries(portNames.map((name, index) => [name, ports[index]])) as Ports;
}

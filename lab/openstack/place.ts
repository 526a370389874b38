import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
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

/** By section and key. */
export type Sections = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

/** What the cloud's servers are: namespaces of this host on two compute hosts, or what another driver of Nova makes of them on one. */
export type Compute = 'namespaces' | NovaDriver;

export interface NovaDriver {
  /** As in `compute_driver`. */
  readonly driver: string;
  /** What nova.conf says besides. */
  readonly settings: Sections;
}

/** Folders, ports and wishes of one running cloud; plain JSON. */
export interface Place {
  readonly root: string;
  /** This start of it: the guard of an earlier one leaves it alone. */
  readonly run: string;
  readonly ports: Ports;
  readonly compute: Compute;
  /** Interface of this host in the network of the servers; none where they are not on this host. */
  readonly bridge: string | undefined;
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
const LOGS = 'log';

const madeParts = ['etc', 'run', 'guests', 'glance', 'nova', 'neutron', 'rabbitmq', 'python'] as const;

/** Fills an empty folder for a cloud, and chooses its ports. `logs` is where its logs are to be, if not below it. */
export async function makeRoot(folder: string, logs?: string): Promise<Pick<Place, 'root' | 'run' | 'ports'>> {
  for (const part of madeParts) await mkdir(join(folder, part), { recursive: true });
  if (logs === undefined) await mkdir(join(folder, LOGS));
  else await symlink(logs, join(folder, LOGS));
  const run = randomUUID();
  await writeFile(join(folder, RUN_FILE), run);
  return { root: realpathSync(folder), run, ports: await freePorts() };
}

export function isRun(root: string, run: string): boolean {
  return readFileSync(join(root, RUN_FILE), 'utf8') === run;
}

export const allParts: readonly string[] = [...keptParts, ...madeParts, LOGS];

async function freePorts(): Promise<Ports> {
  const servers = portNames.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return Object.fromEntries(portNames.map((name, index) => [name, ports[index]])) as Ports;
}

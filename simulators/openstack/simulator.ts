import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAddressPool } from './addresses.ts';
import { createCatalog } from './catalog.ts';
import { Compute } from './compute.ts';
import { createFaults, faultService } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import { glanceService } from './glance.ts';
import { createApi } from './http.ts';
import type { Service } from './http.ts';
import { keystoneService } from './keystone.ts';
import { neutronService } from './neutron.ts';
import { novaService } from './nova.ts';
import { createReaper } from './reaper.ts';
import { seedWorld } from './seed.ts';
import { createTokenStore } from './tokens.ts';
import type { TokenStore } from './tokens.ts';
import type { Quota, World } from './world.ts';

export interface OpenstackSimulatorOptions {
  /** Where the servers' directories live; one simulator at a time. */
  readonly directory: string;
  /** 0 or undefined: any free one. */
  readonly port?: number;
  /** The SSH port of every server; 0 or undefined: any free one. */
  readonly sshPort?: number;
  /** From create to ACTIVE, milliseconds. */
  readonly bootDelay?: number;
  /** Nova's limits of project ci. */
  readonly quota?: Partial<Quota>;
  /** Login user of the image (`os_admin_user`). */
  readonly imageUser?: string;
  /** Milliseconds. */
  readonly tokenLifetime?: number;
  /** When the application credential ends, milliseconds since 1970. */
  readonly credentialExpiresAt?: number;
}

export interface OpenstackSimulator {
  readonly authUrl: string;
  readonly sshPort: number;
  close(): Promise<void>;
}

/** Holds the SSH port for the servers to come, which use other addresses. */
const reservedAddress = '127.77.0.1';

/** Starts the cloud; leftovers of an earlier one in the same directory, killed or crashed, are removed first. */
export async function startOpenstackSimulator(options: OpenstackSimulatorOptions): Promise<OpenstackSimulator> {
  await mkdir(options.directory, { recursive: true });
  const directory = join(await realpath(options.directory), 'servers');
  const mark = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const unlock = await lock(mark);
  const reaper = createReaper(mark);
  await reaper.killAll();
  await rm(directory, { recursive: true, force: true });

  const reservation = await listen(
    createSocketServer((socket) => socket.destroy()),
    options.sshPort ?? 0,
    reservedAddress,
  );
  const world = seedWorld({
    quota: options.quota ?? {},
    imageUser: options.imageUser ?? 'zuul',
    credentialExpiresAt: options.credentialExpiresAt,
  });
  const tokens = createTokenStore(options.tokenLifetime ?? 3_600_000);
  const faults = createFaults();
  const compute = new Compute({
    world,
    faults,
    reaper,
    directory,
    addresses: createAddressPool(),
    sshPort: portOf(reservation),
    bootDelay: options.bootDelay ?? 200,
  });
  const api = await startApi(options.port ?? 0, { world, tokens, faults, compute });
  return {
    authUrl: `http://127.0.0.1:${portOf(api)}/identity/v3`,
    sshPort: portOf(reservation),
    async close() {
      await closeApi(api);
      await compute.close();
      await reaper.killAll();
      await rm(directory, { recursive: true, force: true });
      await close(reservation);
      await unlock();
    },
  };
}

interface Parts {
  readonly world: World;
  readonly tokens: TokenStore;
  readonly faults: Faults;
  readonly compute: Compute;
}

/** The catalogue names the port, so the services are made once the server listens. */
async function startApi(port: number, parts: Parts): Promise<Server> {
  const services: Service[] = [];
  const api = createApi(services, (name) => parts.faults.interfere(name));
  await listen(api, port, '127.0.0.1');
  const origin = `http://127.0.0.1:${portOf(api)}`;
  const common = { ...parts, authUrl: `${origin}/identity/v3` };
  services.push(
    keystoneService({ ...common, catalog: createCatalog(origin) }),
    novaService(common),
    glanceService(common),
    neutronService(common),
    faultService((fault) => applyFault(fault, parts)),
  );
  return api;
}

function applyFault(fault: Fault, { world, tokens, faults, compute }: Parts): void {
  if (fault.fault === 'revoke-tokens') return tokens.revokeAll();
  if (fault.fault !== 'lose-server') return faults.set(fault);
  const server = world.servers.get(fault.server);
  if (server) void compute.destroy(server);
}

/** A name in the kernel: it goes with the process, however that ends. */
async function lock(mark: string): Promise<() => Promise<void>> {
  const server = createSocketServer();
  try {
    await listen(server, `\0simulated-openstack-${mark}`);
  } catch (error) {
    throw new Error('another OpenStack simulator is using this directory', { cause: error });
  }
  return () => close(server);
}

type AnyServer = Server | ReturnType<typeof createSocketServer>;

function listen<Kind extends AnyServer>(server: Kind, where: number | string, host?: string): Promise<Kind> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = () => {
      server.removeListener('error', reject);
      resolve(server);
    };
    if (typeof where === 'string') server.listen(where, done);
    else server.listen(where, host, done);
  });
}

function portOf(server: AnyServer): number {
  return (server.address() as AddressInfo).port;
}

function close(server: AnyServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function closeApi(api: Server): Promise<void> {
  const closed = close(api);
  api.closeAllConnections();
  return closed;
}

import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { close, closeApi, listenAt, lock, portOf, reservePort } from './sockets.ts';
import { createCatalog } from './catalog.ts';
import { cinderService } from './cinder.ts';
import { controlService } from './control.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { glanceService } from './glance.ts';
import { createApi } from './http.ts';
import type { ApiOptions, Service } from './http.ts';
import { keystoneService } from './keystone.ts';
import { neutronService } from './neutron.ts';
import { novaService } from './nova.ts';
import type { OpenstackSimulatorOptions } from './options.ts';
import { createRandom } from '../../src/shared/create-random.ts';
import { createReaper } from './reaper.ts';
import { createRegion } from './region.ts';
import type { Region } from './region.ts';
import { createRequestLog } from './request-log.ts';
import { seedIdentity } from './seed.ts';
import { createTokenStore } from './tokens.ts';
import type { Identity } from './world.ts';

export type { OpenstackSimulatorOptions };

export interface OpenstackSimulator {
  readonly authUrl: string;
  readonly sshPort: number;
  close(): Promise<void>;
}

/** Starts the cloud; leftovers of an earlier one in the same directory, killed or crashed, are removed first. */
export async function startOpenstackSimulator(options: OpenstackSimulatorOptions): Promise<OpenstackSimulator> {
  await mkdir(options.directory, { recursive: true });
  const root = await realpath(options.directory);
  const directories = { servers: join(root, 'servers'), images: join(root, 'images') };
  const mark = createHash('sha256').update(directories.servers).digest('hex').slice(0, 16);
  const unlock = await lock(mark);
  const reaper = createReaper(mark);
  const removeAll = async () => {
    await reaper.killAll();
    await rm(directories.servers, { recursive: true, force: true });
    await rm(directories.images, { recursive: true, force: true });
  };
  await removeAll();

  const reservation = await reservePort(options.sshPort ?? 0);
  const random = createRandom(options.seed ?? 1);
  const tokens = createTokenStore(options.tokenLifetime ?? 3_600_000);
  const faults = createFaults({ random, revokeTokens: () => tokens.revokeAll() });
  const closing = new AbortController();
  const common = { options, faults, reaper, random, directories, closing: closing.signal };
  const regions = ['RegionOne', 'RegionTwo'].map((name, index) =>
    createRegion({ name, index, sshPort: portOf(reservation), ...common }),
  );
  const identity = seedIdentity(options.credentialExpiresAt);
  const parts = { identity, tokens, faults, regions, random, maxMicroversion: readMicroversion(options) };
  const api = await startApi(parts, options);
  return {
    authUrl: `${api.origin}/identity/v3`,
    sshPort: portOf(reservation),
    async close() {
      closing.abort();
      await closeApi(api.server);
      await Promise.all(regions.map(({ compute }) => compute.close()));
      await removeAll();
      await close(reservation);
      await unlock();
    },
  };
}

interface Parts {
  readonly identity: Identity;
  readonly tokens: ReturnType<typeof createTokenStore>;
  readonly faults: Faults;
  readonly regions: readonly Region[];
  readonly random: () => number;
  /** Minor number. */
  readonly maxMicroversion: number;
}

/** The catalogue names the port, so the services are made once the server listens. */
async function startApi(parts: Parts, options: OpenstackSimulatorOptions) {
  const services: Service[] = [];
  const log = createRequestLog();
  const server = createApi({
    services,
    tls: await readTls(options),
    interfere: (arrival) => parts.faults.interfere(arrival),
    onArrival: (arrival) => log.arrived(arrival),
    onEnd: (arrival, route, status) => log.ended(arrival, route, status),
  });
  await listenAt(server, options.port ?? 0, '127.0.0.1');
  const origin = `${options.tls ? 'https' : 'http'}://127.0.0.1:${portOf(server)}`;
  const clock = { skew: 0 };
  const common = { ...parts, authUrl: `${origin}/identity/v3`, clock };
  const catalog = (projectId: string) => createCatalog(origin, parts.regions, projectId);
  services.push(keystoneService({ ...common, catalog }), controlService({ ...common, log }));
  for (const region of parts.regions) {
    const here = { ...common, ...region };
    services.push(novaService(here), glanceService(here), neutronService(here), cinderService(here));
  }
  return { server, origin };
}

async function readTls({ tls }: OpenstackSimulatorOptions): Promise<ApiOptions['tls']> {
  if (!tls) return undefined;
  const [cert, key] = await Promise.all([readFile(tls.certificate, 'utf8'), readFile(tls.key, 'utf8')]);
  return { cert, key };
}

const newestMicroversion = 93;

function readMicroversion({ maxMicroversion }: OpenstackSimulatorOptions): number {
  if (maxMicroversion === undefined) return newestMicroversion;
  const minor = Number(/^2\.(\d{1,2})$/u.exec(maxMicroversion)?.[1]);
  if (minor >= 1 && minor <= newestMicroversion) return minor;
  throw new Error(`${maxMicroversion} is no microversion from 2.1 to 2.${newestMicroversion}`);
}

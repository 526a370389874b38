import { mkdir } from 'node:fs/promises';
import { addBridge } from './bridge.ts';
import { checkMachine } from './check-machine.ts';
import { goldenFolder, keepGolden, restoreGolden } from './golden.ts';
import { guard } from './guard.ts';
import { openSession } from './openstack-session.ts';
import type { Credentials, OpenstackSession } from './openstack-session.ts';
import { makeRoot } from './place.ts';
import type { Compute, Place } from './place.ts';
import { killProcesses } from './processes.ts';
import { authUrlOf, flavors, imageName, provisionCompute, users, zones } from './provision.ts';
import { provisionNetworks } from './provision-networks.ts';
import type { LabNetworks } from './provision-networks.ts';
import { runService } from './run-service.ts';
import type { ServiceName } from './services.ts';
import { isNovaWorker, startServices, waitForReports } from './start-services.ts';
import { stopOpenstack, wipe } from './stop-openstack.ts';
import { writeConfiguration, writeKeys } from './write-configuration.ts';

/** What another process needs to use and steer a running cloud; plain JSON. */
export interface OpenstackAddress extends Credentials {
  readonly authUrl: string;
  readonly region: string;
  readonly users: typeof users;
  readonly image: { readonly name: string; readonly id: string };
  readonly flavors: typeof flavors;
  readonly networks: LabNetworks;
  readonly zones: readonly string[];
  readonly place: Place;
}

export interface RealOpenstack extends OpenstackAddress {
  /** SIGKILL. Servers run on when it is nova-compute. */
  kill(service: ServiceName): Promise<void>;
  /** Starts it on the same port and resolves when it works. */
  start(service: ServiceName): Promise<void>;
  /** Restarts Keystone; the tokens it issues then are good for so many seconds. Without, for as many as at the start. */
  setTokenLifetime(seconds?: number): Promise<void>;
  /** Ends everything; the logs stay in its folder. */
  stop(): Promise<void>;
}

export interface OpenstackOptions {
  /** Empty or new folder for all it writes. A cloud that still runs there is ended. */
  readonly root: string;
  /** Seconds a Keystone token is good for. */
  readonly tokenLifetime?: number;
  /** Seconds the services believe in a token without asking Keystone again. */
  readonly tokenCacheTime?: number;
  /** Namespaces of this host if left out. */
  readonly compute?: Compute;
  /** Folder for the logs, if not below `root`. */
  readonly logs?: string;
  /** It ends with this process at the latest; else only with its machine. */
  readonly endsWithStarter?: boolean;
}

/** A provisioned real OpenStack on loopback, ready to boot servers. */
export async function startOpenstack(options: OpenstackOptions): Promise<RealOpenstack> {
  const { compute = 'namespaces', tokenLifetime = 3600, tokenCacheTime = 10 } = options;
  const golden = await goldenFolder(compute);
  if (compute === 'namespaces') await checkMachine();
  await mkdir(options.root, { recursive: true });
  await stopOpenstack(options.root);
  await wipe(options.root);
  const made = await makeRoot(options.root, options.logs);
  if (options.endsWithStarter ?? true) guard(made);
  try {
    const bridge = compute === 'namespaces' ? await addBridge(made.root) : undefined;
    return await bringUp({ ...made, compute, bridge, tokenLifetime, tokenCacheTime }, golden);
  } catch (error) {
    await stopOpenstack(made.root, made.run);
    throw error;
  }
}

async function bringUp(place: Place, golden: string): Promise<RealOpenstack> {
  // Nova keeps whole seconds.
  const since = Math.floor(Date.now() / 1000) * 1000;
  const restored = await restoreGolden(golden, place.root);
  await writeConfiguration(place);
  await writeKeys(place.root);
  await startServices(place, !restored);
  const authUrl = authUrlOf(place);
  const admin = await openSession(authUrl, users.admin);
  if (!restored) {
    await provisionCompute(place);
    await keepGolden(golden, place);
  }
  const [networks] = await Promise.all([provisionNetworks(admin, place.bridge), waitForReports(place, admin, since)]);
  return attachOpenstack({
    authUrl,
    region: 'RegionOne',
    ...users.ci,
    users,
    image: { name: imageName, id: await findImage(admin) },
    flavors,
    networks,
    zones: Object.values(zones),
    place,
  });
}

async function findImage(admin: OpenstackSession): Promise<string> {
  const { images } = await admin.ask<{ images: { id: string }[] }>('image', `GET /v2/images?name=${imageName}`);
  return images[0]?.id ?? '';
}

/** Steers a cloud that another process has started. */
export function attachOpenstack(address: OpenstackAddress): RealOpenstack {
  const { place } = address;
  return {
    ...address,
    kill: (service) => killProcesses(place.root, service),
    async start(service) {
      const since = Math.floor(Date.now() / 1000) * 1000;
      await runService(place, service);
      if (!isNovaWorker(service)) return;
      await waitForReports(place, await openSession(address.authUrl, users.admin), since, [service]);
    },
    async setTokenLifetime(tokenLifetime = place.tokenLifetime) {
      await killProcesses(place.root, 'keystone');
      await writeConfiguration({ ...place, tokenLifetime });
      await runService(place, 'keystone');
    },
    stop: () => stopOpenstack(place.root, place.run),
  };
}

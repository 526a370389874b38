import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkMachine } from '../openstack/check-machine.ts';
import { guard } from '../openstack/guard.ts';
import { installedVersions } from '../openstack/packages.ts';
import { isRun } from '../openstack/place.ts';
import { killProcesses } from '../openstack/processes.ts';
import { writeConfiguration } from './configuration.ts';
import { makePlace, parts } from './place.ts';
import type { FeilongPlace } from './place.ts';
import { installationOf } from './releases.ts';
import type { Release } from './releases.ts';
import { killService, startMachine, startService } from './services.ts';
import type { FeilongService } from './services.ts';
import { zvmIn } from './zvm.ts';
import type { LabZvm } from './zvm.ts';

/** Debian's. The stand-in for the mainframe needs nothing but python. */
// Both run sudo and mkfs, the newer one hexdump too.
const common = ['zvmcloudconnector-common', 'uwsgi-plugin-python3', 'sudo', 'e2fsprogs', 'bsdextrautils'] as const;
const needed = {
  debian: [...common, 'zvmcloudconnector-api', 'python3-zvmcloudconnector'],
  pypi: [...common, 'python3-venv'],
} as const;

export interface FeilongAddress {
  readonly url: string;
  /** Compute hosts must let its owner in: Feilong copies files from them. */
  readonly publicKey: string;
  readonly place: FeilongPlace;
}

export interface RealFeilong extends FeilongAddress {
  readonly zvm: LabZvm;
  kill(service: FeilongService): Promise<void>;
  /** Starts it on the same port and resolves when it works. */
  start(service: FeilongService): Promise<void>;
  /** Ends everything; logs and z/VM's state stay in its folder. */
  stop(): Promise<void>;
}

export interface FeilongOptions {
  /** Empty or new folder for all it writes. A Feilong that still runs there is ended. */
  readonly root: string;
  readonly release: Release;
  /** Of this machine; the one that compute hosts reach. */
  readonly address?: string;
  /** Exactly 42 characters. Without one Feilong lets everybody in, as nova's driver wants it. */
  readonly adminToken?: string;
}

/** A real Feilong over the stand-in for z/VM. It ends with this process at the latest. */
export async function startFeilong(options: FeilongOptions): Promise<RealFeilong> {
  const { address = '127.0.0.1', adminToken, release, root } = options;
  await installedVersions(needed[release]);
  await checkMachine();
  await mkdir(root, { recursive: true });
  await stopFeilong(root);
  for (const part of parts) await rm(join(root, part), { recursive: true, force: true });
  const place = await makePlace(root, { release, address, adminToken });
  guard(place, join(import.meta.dirname, 'main.ts'));
  try {
    const publicKey = await writeConfiguration(place, (await installationOf(release)).sudoers);
    await startMachine(place);
    await startService(place, 'sdkserver');
    await startService(place, 'rest');
    return steer({ url: `http://${address}:${place.restPort}`, publicKey, place });
  } catch (error) {
    await stopFeilong(place.root, place.run);
    throw error;
  }
}

function steer(running: FeilongAddress): RealFeilong {
  const { place } = running;
  return {
    ...running,
    zvm: zvmIn(join(place.root, 'zvm')),
    kill: (service) => killService(place, service),
    start: (service) => startService(place, service),
    stop: () => stopFeilong(place.root, place.run),
  };
}

/** Ends everything that runs for the Feilong in a folder, whoever started it; with `run`, only if it is still this start of it. */
export async function stopFeilong(folder: string, run?: string): Promise<void> {
  if (!existsSync(folder)) return;
  const root = realpathSync(folder);
  if (run !== undefined && !isRun(root, run)) return;
  await killProcesses(root);
}

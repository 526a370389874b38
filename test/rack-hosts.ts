import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOpenstackSimulator } from '../simulators/openstack/simulator.ts';
import { bootServer, createApiClient } from '../simulators/openstack/testing/api-client.ts';
import type { ApiClient } from '../simulators/openstack/testing/api-client.ts';
import { createRackHosts } from '../src/adapters/sql/rack-hosts.ts';
import { createSshRemoteJobs } from '../src/adapters/ssh/ssh-remote-jobs.ts';
import { hostKeysOf } from '../src/domain/host-keys.ts';
import type { RackHost } from '../src/domain/settings.ts';
import type { RackHosts } from '../src/ports/rack-hosts.ts';
import type { RemoteJobs } from '../src/ports/remote-jobs.ts';
import { generateSshKey } from '../src/shared/generate-ssh-key.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

/** Machines with a real SSH server each, as an operator has them in a rack. */
export interface MachineRoom {
  readonly hosts: readonly RackHost[];
  readonly user: string;
  readonly sshPort: number;
  /** Of the key that may log in everywhere. */
  readonly privateKey: string;
  /** The folder behind a host's home directory. */
  homeOf(name: string): string;
  /** A reset script that makes a host as new, and writes its name into the file RESETS below `folder`. */
  resetScript(folder: string): string;
  close(): Promise<void>;
}

export async function startMachineRoom(count: number): Promise<MachineRoom> {
  const directory = await mkdtemp(join(tmpdir(), 'machine-room-'));
  const simulator = await startOpenstackSimulator({ directory, bootDelay: 0 });
  const api = await createApiClient(simulator.authUrl);
  const { privateKey, publicKey } = generateSshKey('sidegate');
  const machines = new Map<string, { id: string; host: RackHost }>();
  for (let number = 1; number <= count; number += 1) {
    const { id, address } = await bootServer(api, number === 1 ? publicKey : undefined);
    const name = `host${number}`;
    machines.set(name, { id, host: { name, address, hostKeys: await hostKeys(api, id) } });
  }
  const homeOf = (name: string) => join(directory, 'servers', machines.get(name)!.id, 'home');
  return {
    hosts: [...machines.values()].map(({ host }) => host),
    user: 'zuul',
    sshPort: simulator.sshPort,
    privateKey,
    homeOf,
    resetScript: (folder) =>
      [
        `case "$SIDEGATE_HOST $SIDEGATE_ADDRESS" in`,
        ...[...machines.values()].map(({ host }) => `'${host.name} ${host.address}') home='${homeOf(host.name)}' ;;`),
        `esac`,
        `find "$home" -mindepth 1 -delete`,
        `echo "$SIDEGATE_HOST" >>'${join(folder, 'RESETS')}'`,
      ].join('\n'),
    close: async () => {
      await simulator.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What the adapter of a rack needs, all of it real. */
export interface RackBench {
  readonly room: MachineRoom;
  readonly database: TestDatabase;
  readonly hosts: RackHosts;
  readonly jobs: RemoteJobs;
  close(): Promise<void>;
}

export async function createRackBench(count: number): Promise<RackBench> {
  const [room, database] = await Promise.all([startMachineRoom(count), createTestDatabase()]);
  const jobs = createSshRemoteJobs(room.privateKey);
  return {
    room,
    database,
    hosts: createRackHosts(database.pool),
    jobs,
    close: async () => {
      jobs.close();
      await Promise.all([room.close(), database.drop()]);
    },
  };
}

async function hostKeys(api: ApiClient, id: string): Promise<readonly string[]> {
  const console = await api.call<{ output: string }>('POST', `/compute/v2.1/servers/${id}/action`, {
    'os-getConsoleOutput': {},
  });
  return hostKeysOf(console.output);
}

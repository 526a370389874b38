import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sleep } from '../../src/shared/clock.ts';
import type { AddressPool } from './addresses.ts';
import type { Faults } from './faults.ts';
import { Machine } from './machine.ts';
import type { MachineOptions } from './machine.ts';
import type { Reaper } from './reaper.ts';
import type { Network, Port, SimulatedServer, World } from './world.ts';
import { timestamp } from './world.ts';

export interface ComputeOptions {
  readonly world: World;
  readonly faults: Faults;
  readonly addresses: AddressPool;
  readonly reaper: Reaper;
  readonly directory: string;
  readonly sshPort: number;
  /** From the request to ACTIVE, milliseconds. */
  readonly bootDelay: number;
}

/** The one host of this cloud; what is bigger finds no valid host. */
const hostCapacity = { vcpus: 1024, ram: 16_777_216 };

/** The life of servers. Each method resolves when it is done; the API does not wait for that. */
export class Compute {
  readonly #options: ComputeOptions;
  readonly #closing = new AbortController();
  /** Last operation of each server: they run one after the other. */
  readonly #chains = new Map<string, Promise<void>>();

  constructor(options: ComputeOptions) {
    this.#options = options;
  }

  async boot(server: SimulatedServer): Promise<void> {
    const { faults, addresses, bootDelay } = this.#options;
    const refused = whyNotBootable(server, faults.take('create-error'));
    const withSsh = !faults.take('no-ssh');
    if (refused !== undefined) return fail(server, refused);
    await sleep(bootDelay / 2, this.#closing.signal);
    if (server.taskState === 'deleting') return;
    server.ports = server.networks.map((network) => createPort(network, addresses));
    server.taskState = 'spawning';
    await sleep(bootDelay / 2, this.#closing.signal);
    await this.#inTurn(server, async () => {
      // A delete may have come first.
      if (server.vmState !== 'building' || server.taskState === 'deleting') return;
      server.machine = new Machine(machineOptions(server, this.#options, withSsh));
      server.launchedAt = new Date().toISOString().replace('Z', '000');
      settle(server, 'active');
      await server.machine.powerOn();
    });
  }

  async stop(server: SimulatedServer): Promise<void> {
    server.taskState = 'powering-off';
    await this.#inTurn(server, () => turnOff(server));
  }

  async start(server: SimulatedServer): Promise<void> {
    server.taskState = 'powering-on';
    await this.#inTurn(server, () => turnOn(server));
  }

  async reboot(server: SimulatedServer): Promise<void> {
    server.taskState = 'reboot_started_hard';
    await this.#inTurn(server, async () => {
      await server.machine?.powerOff();
      await turnOn(server);
    });
  }

  async destroy(server: SimulatedServer): Promise<void> {
    server.taskState = 'deleting';
    server.updated = timestamp();
    await this.#inTurn(server, async () => {
      await server.machine?.destroy();
      for (const { address } of server.ports) this.#options.addresses.giveBack(address);
      this.#options.world.servers.delete(server.id);
      this.#chains.delete(server.id);
    });
  }

  /** Destroys everything. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#options.world.servers.values()].map((server) => this.destroy(server)));
  }

  #inTurn(server: SimulatedServer, operation: () => Promise<void>): Promise<void> {
    const turn = (this.#chains.get(server.id) ?? Promise.resolve()).then(operation).catch((error: unknown) => {
      fail(server, `Unexpected error: ${String(error)}`);
    });
    this.#chains.set(server.id, turn);
    return turn;
  }
}

async function turnOff(server: SimulatedServer): Promise<void> {
  await server.machine?.powerOff();
  settle(server, 'stopped');
}

async function turnOn(server: SimulatedServer): Promise<void> {
  await server.machine?.powerOn();
  settle(server, 'active');
}

function whyNotBootable({ id, flavor }: SimulatedServer, injected: boolean): string | undefined {
  if (flavor.vcpus > hostCapacity.vcpus || flavor.ram > hostCapacity.ram) return 'No valid host was found. ';
  if (!injected) return undefined;
  return `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${id}.`;
}

function fail(server: SimulatedServer, message: string): void {
  settle(server, 'error');
  server.fault = { code: 500, created: timestamp(), message };
}

function settle(server: SimulatedServer, state: SimulatedServer['vmState']): void {
  server.vmState = state;
  if (server.taskState !== 'deleting') server.taskState = undefined;
  server.updated = timestamp();
}

function createPort(network: Network, addresses: AddressPool): Port {
  const mac = ['fa', '16', '3e', ...randomBytes(3).toString('hex').match(/../gu)!].join(':');
  return { id: randomUUID(), network, mac, address: addresses.take(network.prefix), createdAt: timestamp() };
}

function machineOptions(server: SimulatedServer, options: ComputeOptions, withSsh: boolean): MachineOptions {
  return {
    id: server.id,
    hostname: server.name.replaceAll(/[^\w.-]/gu, '-'),
    directory: join(options.directory, server.id),
    addresses: server.ports.map(({ address }) => address),
    sshPort: options.sshPort,
    user: server.image.properties['os_admin_user'] ?? 'zuul',
    publicKey: server.keypair?.publicKey,
    userData: server.userData,
    withSsh,
    reaper: options.reaper,
  };
}

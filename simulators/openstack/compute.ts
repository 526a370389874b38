import { join } from 'node:path';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';
import { sleep } from '../../src/shared/clock.ts';
import { attachRootVolume, connectPorts } from './devices.ts';
import type { Faults } from './faults.ts';
import { LightMachine } from './light-machine.ts';
import { ShellMachine } from './machine.ts';
import type { Machine, SshState } from './machine.ts';
import type { Ports } from './ports.ts';
import type { Reaper } from './reaper.ts';
import { keepSnapshot } from './snapshots.ts';
import type { Image, SimulatedServer, World } from './world.ts';
import { imageOf, timestamp } from './world.ts';
import type { Volumes } from './volumes.ts';

export interface ComputeOptions {
  readonly world: World;
  readonly faults: Faults;
  readonly ports: Ports;
  readonly volumes: Volumes;
  readonly reaper: Reaper;
  /** Of servers. */
  readonly directory: string;
  /** Files of snapshots. */
  readonly imageDirectory: string;
  readonly sshPort: number;
  /** From the request to ACTIVE, milliseconds. */
  readonly bootDelay: number;
  /** False: servers have a console and nothing else. */
  readonly sshServers: boolean;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly closing: AbortSignal;
}

/** The largest host of each availability zone; what is bigger finds no valid host. */
const hostCapacity = { vcpus: 1024, ram: 16_777_216 };

/** The life of servers. Each method resolves when it is done; the API does not wait for that. */
export class Compute {
  readonly #options: ComputeOptions;
  /** Last operation of each server: they run one after the other. */
  readonly #chains = new Map<string, Promise<void>>();
  /** Servers whose deletion does not end, and whether it ends when it is forced. */
  readonly #stuck = new Map<string, { readonly stubborn: boolean }>();

  constructor(options: ComputeOptions) {
    this.#options = options;
  }

  async boot(server: SimulatedServer): Promise<void> {
    const { faults, bootDelay, closing, world } = this.#options;
    const where = { region: world.region, zone: server.availabilityZone };
    const refused = whyNotBootable(server, faults.take('create-error', where) !== undefined);
    const ssh = sshOf(faults.take('no-ssh', where));
    const stuck = faults.take('stuck-build', where) !== undefined;
    if (refused !== undefined) return fail(server, refused);
    await sleep(bootDelay / 2, closing);
    const ready = await this.#connect(server);
    if (!ready || stuck) return;
    await sleep(bootDelay / 2, closing);
    await this.#inTurn(server, async () => {
      if (!isBooting(server)) return;
      server.machine = createMachine(server, this.#options, ssh);
      await server.machine.install();
      server.launchedAt = new Date().toISOString().replace('Z', '000');
      settle(server, 'active');
      this.#mayVanish(server);
      await server.machine.powerOn();
    });
  }

  /** Networks and disks; false: it did not work, or the server is to go. */
  async #connect(server: SimulatedServer): Promise<boolean> {
    if (!isBooting(server)) return false;
    const { ports, volumes, world } = this.#options;
    let ready = false;
    await this.#inTurn(server, async () => {
      if (!isBooting(server)) return;
      server.taskState = 'networking';
      connectPorts(server, world, ports);
      server.taskState = 'block_device_mapping';
      await attachRootVolume(server, world, volumes);
      if (!isBooting(server)) return;
      server.taskState = 'spawning';
      ready = true;
    });
    return ready;
  }

  #mayVanish(server: SimulatedServer): void {
    const { faults, world, random, closing } = this.#options;
    const vanish = faults.take('vanish', { region: world.region });
    if (!vanish) return;
    void sleep(random() * vanish.seconds * 1000, closing).then(() => this.lose(server));
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

  async panic(server: SimulatedServer, reboots: boolean): Promise<void> {
    await this.#inTurn(server, async () => {
      await server.machine?.panic();
      if (reboots) await server.machine?.powerOn();
    });
  }

  async snapshot(server: SimulatedServer, image: Image): Promise<void> {
    const { faults, world, imageDirectory, bootDelay, closing } = this.#options;
    server.taskState = 'image_snapshot';
    const broken = faults.take('snapshot-error', { region: world.region }) !== undefined;
    await this.#inTurn(server, async () => {
      await sleep(bootDelay, closing);
      if (server.taskState !== 'deleting') server.taskState = 'image_uploading';
      image.status = 'saving';
      const files = broken ? undefined : join(imageDirectory, image.id);
      await keepSnapshot({ world, server, image, files });
      settle(server, server.vmState);
    });
  }

  /** Does not end while the deletion is stuck. */
  async destroy(server: SimulatedServer, forced = false): Promise<void> {
    const stuck = this.#stuck.get(server.id);
    if (stuck && (!forced || stuck.stubborn)) return;
    if (!stuck && server.taskState === 'deleting') return;
    const fault = stuck ? undefined : this.#options.faults.take('stuck-delete', this.#options.world);
    if (!fault) return this.lose(server);
    this.#stuck.set(server.id, fault);
    server.taskState = 'deleting';
    server.updated = timestamp();
  }

  /** Deletions that were stuck go on. */
  async freeStuck(): Promise<void> {
    const { servers } = this.#options.world;
    const stuck = [...servers.values()].filter(({ id }) => this.#stuck.has(id));
    await Promise.all(stuck.map((server) => this.lose(server)));
  }

  /** Destroys a server whoever wants it. */
  async lose(server: SimulatedServer): Promise<void> {
    const { world, ports, volumes } = this.#options;
    if (!world.servers.has(server.id)) return;
    server.taskState = 'deleting';
    server.updated = timestamp();
    await this.#inTurn(server, async () => {
      await server.machine?.destroy();
      await ports.release(server);
      volumes.release(server.volumes);
      server.volumes = [];
      world.servers.delete(server.id);
      this.#stuck.delete(server.id);
      this.#chains.delete(server.id);
    });
  }

  /** Destroys everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#options.world.servers.values()].map((server) => this.lose(server)));
  }

  #inTurn(server: SimulatedServer, operation: () => void | Promise<void>): Promise<void> {
    const turn = (this.#chains.get(server.id) ?? Promise.resolve()).then(operation).catch((error: unknown) => {
      fail(server, error instanceof Error ? error.message : String(error));
    });
    this.#chains.set(server.id, turn);
    return turn;
  }
}

/** A delete may have come first. */
function isBooting(server: SimulatedServer): boolean {
  return server.vmState === 'building' && server.taskState !== 'deleting';
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

function sshOf(fault: { hostKey: boolean } | undefined): SshState {
  if (!fault) return 'open';
  return fault.hostKey ? 'closed' : 'none';
}

/** The one host key of all servers that have no SSH server. */
let lightKey: string | undefined;

function createMachine(server: SimulatedServer, options: ComputeOptions, ssh: SshState): Machine {
  const hostname = server.name.replaceAll(/[^\w.-]/gu, '-');
  const addresses = () => options.ports.addressesOf(server);
  if (!options.sshServers) {
    lightKey ??= generateSshKey('test server').publicKey;
    return new LightMachine({ id: server.id, hostname, addresses, hostKey: ssh === 'none' ? undefined : lightKey });
  }
  const image = imageOf(server);
  return new ShellMachine({
    id: server.id,
    hostname,
    directory: join(options.directory, server.id),
    addresses,
    sshPort: options.sshPort,
    user: image?.properties['os_admin_user'] ?? 'zuul',
    publicKey: server.keypair?.publicKey,
    userData: server.userData,
    files: image?.files,
    ssh,
    reaper: options.reaper,
  });
}

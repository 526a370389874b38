import { randomBytes, randomUUID } from 'node:crypto';
import type { AddressPool } from './addresses.ts';
import type { FloatingIp, Network, Port, SimulatedServer, World } from './world.ts';
import { timestamp } from './world.ts';

export interface NewPort {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly network: Network;
  readonly securityGroups: readonly string[];
  readonly adminStateUp: boolean;
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly madeByNova: boolean;
}

/** Ports and floating addresses of a region, for Nova and Neutron alike. */
export class Ports {
  readonly #world: World;
  readonly #addresses: AddressPool;

  constructor(world: World, addresses: AddressPool) {
    this.#world = world;
    this.#addresses = addresses;
  }

  create(wanted: NewPort): Port {
    const mac = ['fa', '16', '3e', ...randomBytes(3).toString('hex').match(/../gu)!].join(':');
    const now = timestamp();
    const address = this.#addresses.take(wanted.network.prefix);
    const port: Port = { ...wanted, id: randomUUID(), mac, address, createdAt: now, updatedAt: now, revision: 1 };
    this.#world.ports.set(port.id, port);
    return port;
  }

  /** Floating addresses stay, without a port. */
  async remove(port: Port): Promise<void> {
    const { ports, floatingIps, servers } = this.#world;
    ports.delete(port.id);
    for (const floating of floatingIps.values()) if (floating.portId === port.id) changeFloating(floating, undefined);
    const server = servers.get(port.deviceId);
    if (server) {
      server.ports = server.ports.filter(({ id }) => id !== port.id);
      await server.machine?.readdress();
    }
    this.#addresses.giveBack(port.address);
  }

  bind(port: Port, server: SimulatedServer): void {
    port.deviceId = server.id;
    port.deviceOwner = `compute:${server.availabilityZone}`;
    touch(port);
  }

  /** What Nova does with the ports of a server that goes. */
  async release(server: SimulatedServer): Promise<void> {
    const { ports } = server;
    server.ports = [];
    for (const port of ports) {
      if (port.madeByNova) await this.remove(port);
      else unbind(port);
    }
  }

  createFloating(network: Network, projectId: string, description: string): FloatingIp {
    const now = timestamp();
    const address = this.#addresses.take(network.prefix);
    const times = { createdAt: now, updatedAt: now, revision: 0 };
    const floating: FloatingIp = {
      id: randomUUID(),
      address,
      network,
      projectId,
      description,
      portId: undefined,
      ...times,
    };
    this.#world.floatingIps.set(floating.id, floating);
    return floating;
  }

  /** Moves the address to a port, or away from every port: it answers there at once. */
  async associate(floating: FloatingIp, port: Port | undefined): Promise<void> {
    const before = this.#serverOf(floating);
    changeFloating(floating, port?.id);
    await before?.machine?.readdress();
    await this.#serverOf(floating)?.machine?.readdress();
  }

  async removeFloating(floating: FloatingIp): Promise<void> {
    await this.associate(floating, undefined);
    this.#world.floatingIps.delete(floating.id);
    this.#addresses.giveBack(floating.address);
  }

  floatingOf(port: Port): readonly FloatingIp[] {
    return floatingOf(this.#world, port);
  }

  /** Where a server answers. */
  addressesOf(server: SimulatedServer): readonly string[] {
    return server.ports.flatMap((port) => [port.address, ...this.floatingOf(port).map(({ address }) => address)]);
  }

  #serverOf({ portId }: FloatingIp): SimulatedServer | undefined {
    const port = portId === undefined ? undefined : this.#world.ports.get(portId);
    return port && this.#world.servers.get(port.deviceId);
  }
}

export function floatingOf(world: World, port: Port): readonly FloatingIp[] {
  return [...world.floatingIps.values()].filter(({ portId }) => portId === port.id);
}

function changeFloating(floating: FloatingIp, portId: string | undefined): void {
  floating.portId = portId;
  floating.revision += 1;
  floating.updatedAt = timestamp();
}

function unbind(port: Port): void {
  port.deviceId = '';
  port.deviceOwner = '';
  touch(port);
}

export function touch(port: Port): void {
  port.revision += 1;
  port.updatedAt = timestamp();
}

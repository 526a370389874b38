import { randomUUID } from 'node:crypto';
import type { Ports } from './ports.ts';
import type { Flavor, Network, Port, SimulatedServer, World } from './world.ts';
import { timestamp } from './world.ts';

export interface Others {
  readonly servers: number;
  /** Of each server. */
  readonly cores: number;
  readonly ram: number;
  readonly ports: number;
  readonly floatingIps: number;
}

/** Another user of project ci, whose things nobody else may touch. */
export const otherUser = '5535d69b35a648019928196d8cb32477';
const mark = 'of another user';
const projectId = 'e84f8f36ca3f4c6eb6b6f01231729804';

/** Replaces what the other user has; their servers are rows without a machine. */
export function placeOthers({ world, ports }: { world: World; ports: Ports }, wanted: Others): void {
  removeOthers(world, ports);
  const lan = world.networks.find(({ name }) => name === 'lan');
  const outside = world.networks.find(({ external }) => external);
  if (!lan || !outside) return;
  const { cores: vcpus, ram } = wanted;
  const flavor: Flavor = { id: '7', name: 'other', ram, vcpus, disk: 1 };
  for (let left = wanted.servers; left > 0; left -= 1) addServer(world, flavor, left);
  for (let left = wanted.ports; left > 0; left -= 1) addPort(ports, lan);
  for (let left = wanted.floatingIps; left > 0; left -= 1) ports.createFloating(outside, projectId, mark);
}

function removeOthers(world: World, ports: Ports): void {
  for (const server of world.servers.values()) if (server.userId === otherUser) world.servers.delete(server.id);
  for (const port of world.ports.values()) if (isOther(port)) void ports.remove(port);
  for (const floating of world.floatingIps.values()) if (isOther(floating)) void ports.removeFloating(floating);
}

export function isOther({ description }: { readonly description: string }): boolean {
  return description === mark;
}

function addServer(world: World, flavor: Flavor, number: number): void {
  const now = timestamp();
  const server: SimulatedServer = {
    id: randomUUID(),
    name: `other-${number}`,
    projectId,
    userId: otherUser,
    image: [...world.images.values()][0],
    flavor,
    wantedInterfaces: [],
    wantedVolume: undefined,
    keypair: undefined,
    securityGroups: ['default'],
    availabilityZone: 'nova',
    configDrive: false,
    description: mark,
    userData: undefined,
    created: now,
    metadata: {},
    tags: [],
    ports: [],
    volumes: [],
    updated: now,
    launchedAt: new Date().toISOString().replace('Z', '000'),
    vmState: 'active',
    taskState: undefined,
    fault: undefined,
    machine: undefined,
  };
  world.servers.set(server.id, server);
}

function addPort(ports: Ports, network: Network): Port {
  return ports.create({
    name: 'other',
    description: mark,
    projectId,
    network,
    securityGroups: [],
    adminStateUp: true,
    deviceId: '',
    deviceOwner: '',
    madeByNova: false,
  });
}

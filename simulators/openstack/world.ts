import type { Machine } from './machine.ts';

/** What Keystone knows; all regions share it. */
export interface Identity {
  readonly domains: readonly Domain[];
  readonly users: readonly User[];
  readonly projects: readonly Project[];
  readonly applicationCredentials: Map<string, ApplicationCredential>;
}

/** One region, in memory: a restarted simulator starts from its seed, its servers are gone. */
export interface World {
  readonly region: string;
  readonly flavors: readonly Flavor[];
  readonly networks: readonly Network[];
  readonly zones: readonly string[];
  /** Connects `routed` networks with the external one. */
  readonly routerId: string;
  readonly images: Map<string, Image>;
  readonly securityGroups: Map<string, SecurityGroup>;
  /** By `userId/name`. */
  readonly keypairs: Map<string, Keypair>;
  readonly servers: Map<string, SimulatedServer>;
  readonly ports: Map<string, Port>;
  readonly floatingIps: Map<string, FloatingIp>;
  readonly volumes: Map<string, Volume>;
  /** Limits per project id; -1: none. */
  readonly quotas: Map<string, Quota>;
  readonly networkQuotas: Map<string, NetworkQuota>;
  readonly volumeQuotas: Map<string, VolumeQuota>;
  /** Ids of what was there from the start. */
  readonly seeded: ReadonlySet<string>;
}

export interface Domain {
  readonly id: string;
  readonly name: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
  readonly password: string;
  readonly projectId: string;
  readonly roles: readonly Role[];
}

export interface Role {
  readonly id: string;
  readonly name: string;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
}

export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly secret: string;
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly Role[];
  readonly unrestricted: boolean | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly ram: number;
  readonly vcpus: number;
  readonly disk: number;
}

export interface Image {
  readonly id: string;
  name: string;
  status: 'queued' | 'saving' | 'active' | 'killed';
  readonly visibility: 'public' | 'private';
  readonly owner: string;
  readonly createdAt: string;
  updatedAt: string;
  protected: boolean;
  properties: Readonly<Record<string, string>>;
  content: { readonly size: number; readonly checksum: string; readonly hash: string } | undefined;
  /** Of a snapshot: the directory with the files its servers start with. */
  files: string | undefined;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly shared: boolean;
  readonly external: boolean;
  /** Has a router to the external network, so that floating addresses can reach it. */
  readonly routed: boolean;
  readonly portSecurity: boolean;
  readonly subnetId: string;
  /** First two bytes of its addresses, all loopback: `127.77`. */
  readonly prefix: string;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly createdAt: string;
  readonly rules: Record<string, unknown>[];
}

export interface Keypair {
  readonly name: string;
  readonly userId: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAt: string;
}

export interface Quota {
  cores: number;
  instances: number;
  ram: number;
}

export interface NetworkQuota {
  network: number;
  subnet: number;
  port: number;
  router: number;
  floatingip: number;
  security_group: number;
  security_group_rule: number;
}

export interface VolumeQuota {
  volumes: number;
  gigabytes: number;
}

export interface Port {
  readonly id: string;
  name: string;
  description: string;
  readonly projectId: string;
  readonly network: Network;
  readonly mac: string;
  readonly address: string;
  /** Ids. */
  securityGroups: readonly string[];
  adminStateUp: boolean;
  /** Empty: not in use. */
  deviceId: string;
  deviceOwner: string;
  /** Nova deletes with a server only the ports it made itself. */
  readonly madeByNova: boolean;
  readonly createdAt: string;
  updatedAt: string;
  revision: number;
}

export interface FloatingIp {
  readonly id: string;
  readonly address: string;
  readonly network: Network;
  readonly projectId: string;
  description: string;
  portId: string | undefined;
  readonly createdAt: string;
  updatedAt: string;
  revision: number;
}

export interface Volume {
  readonly id: string;
  name: string;
  description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly size: number;
  readonly type: string;
  readonly zone: string;
  /** What is on it. */
  readonly image: Image | undefined;
  metadata: Record<string, string>;
  status: 'creating' | 'available' | 'reserved' | 'in-use' | 'deleting' | 'error';
  /** Server it is attached to. */
  serverId: string | undefined;
  readonly createdAt: string;
  updatedAt: string;
}

/** What POST /servers asks for: a new port in this network, or one that is there. */
export interface WantedInterface {
  readonly network: Network;
  readonly portId: string | undefined;
}

/** Root disk on a volume: one that is there, or a new one that Nova makes of an image. */
export interface WantedVolume {
  readonly source: { readonly volumeId: string } | { readonly image: Image; readonly size: number };
  readonly deleteOnTermination: boolean;
}

export interface AttachedVolume {
  readonly volume: Volume;
  readonly deleteOnTermination: boolean;
}

/** A Nova server. `ports` is empty until it is scheduled, `machine` until it runs. */
export interface SimulatedServer {
  readonly id: string;
  name: string;
  readonly projectId: string;
  readonly userId: string;
  /** Undefined: boots from a volume. */
  readonly image: Image | undefined;
  readonly flavor: Flavor;
  readonly wantedInterfaces: readonly WantedInterface[];
  readonly wantedVolume: WantedVolume | undefined;
  readonly keypair: Keypair | undefined;
  /** Names; Nova gives them to the ports it makes. */
  readonly securityGroups: readonly string[];
  readonly availabilityZone: string;
  readonly configDrive: boolean;
  readonly description: string | null;
  readonly userData: string | undefined;
  readonly created: string;
  metadata: Record<string, string>;
  tags: string[];
  ports: readonly Port[];
  volumes: readonly AttachedVolume[];
  updated: string;
  launchedAt: string | undefined;
  vmState: 'building' | 'active' | 'stopped' | 'error';
  taskState: string | undefined;
  fault: { readonly code: number; readonly created: string; readonly message: string } | undefined;
  machine: Machine | undefined;
}

/** Nova's and Glance's resolution: seconds. */
export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/u, 'Z');
}

export function canSee(network: Network, projectId: string): boolean {
  return network.shared || network.projectId === projectId;
}

/** What a server's root disk was made of. */
export function imageOf(server: SimulatedServer): Image | undefined {
  return server.image ?? server.volumes[0]?.volume.image;
}

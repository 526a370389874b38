import type { Machine } from './machine.ts';

/** Everything the simulated cloud knows, in memory: a restarted simulator starts from its seed, its servers are gone. */
export interface World {
  readonly users: readonly User[];
  readonly projects: readonly Project[];
  readonly applicationCredentials: readonly ApplicationCredential[];
  readonly flavors: readonly Flavor[];
  readonly networks: readonly Network[];
  readonly images: Map<string, Image>;
  readonly securityGroups: Map<string, SecurityGroup>;
  /** By `userId/name`. */
  readonly keypairs: Map<string, Keypair>;
  readonly servers: Map<string, SimulatedServer>;
  /** Nova's limits per project id; -1: none. */
  readonly quotas: Map<string, Quota>;
}

export interface User {
  readonly id: string;
  readonly name: string;
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
}

export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly userId: string;
  readonly roles: readonly Role[];
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
  readonly name: string;
  status: 'queued' | 'active';
  readonly visibility: 'public' | 'private';
  readonly owner: string;
  readonly createdAt: string;
  readonly properties: Readonly<Record<string, string>>;
  content: { readonly size: number; readonly checksum: string; readonly hash: string } | undefined;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly shared: boolean;
  readonly external: boolean;
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

export interface Port {
  readonly id: string;
  readonly network: Network;
  readonly mac: string;
  readonly address: string;
  readonly createdAt: string;
}

/** A Nova server. `ports` is empty until it is scheduled, `machine` until it runs. */
export interface SimulatedServer {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly image: Image;
  readonly flavor: Flavor;
  readonly networks: readonly Network[];
  readonly keypair: Keypair | undefined;
  readonly securityGroups: readonly string[];
  readonly availabilityZone: string;
  readonly configDrive: boolean;
  readonly description: string | null;
  readonly userData: string | undefined;
  readonly created: string;
  metadata: Record<string, string>;
  tags: string[];
  ports: readonly Port[];
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

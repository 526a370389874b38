import { createAudit } from './audit.ts';
import type { Audit } from './audit.ts';
import type { Capacity } from './capacity.ts';

/** z/VM and Feilong: two memories that can disagree, as they do after a crash. */
export interface ZvmSystem {
  readonly host: string;
  /** z/VM's user directory: every userid of the system, whoever created it. */
  readonly directory: Map<string, DirectoryEntry>;
  /** Feilong's own database: the userids it created or registered. */
  readonly database: Map<string, FeilongGuest>;
  readonly images: Map<string, Image>;
  readonly vswitches: Set<string>;
  /** Userids whose directory entry somebody keeps locked. */
  readonly locks: Set<string>;
  readonly audit: Audit;
  capacity: Capacity;
}

export interface DirectoryEntry {
  readonly userid: string;
  readonly vcpus: number;
  readonly memory: number;
  readonly profile: string;
  readonly disks: Disk[];
  /** Device numbers of its network cards. */
  readonly nics: Set<string>;
  power: 'on' | 'off';
  paused: boolean;
  image: string | undefined;
  poweredAt: number;
  readonly console: string[];
}

export interface Disk {
  readonly vdev: string;
  readonly cylinders: number;
  readonly pool: string;
}

/** What Feilong's database keeps of a guest: its network cards, by device number. */
export interface FeilongGuest {
  readonly nics: Map<string, Nic>;
}

export interface Nic {
  readonly nicId: string | null;
  vswitch: string | null;
}

export interface Image {
  readonly name: string;
  readonly osVersion: string;
  /** Who brought it, for the audit. */
  readonly client: string;
  readonly usedAt: number;
}

export const diskPool = 'POOL1';
export const cylindersPerGb = 1457;

/** Userids every z/VM has; nobody's prefix may reach them. */
export const systemUsers: readonly string[] = ['MAINT', 'TCPIP', 'DIRMAINT', 'OPERATOR', 'FEILONG'];

const consoleLines = 500;

export function createZvmSystem(host: string, capacity: Capacity, vswitches: readonly string[]): ZvmSystem {
  const directory = new Map(
    systemUsers.map((userid) => [userid, newEntry({ userid, vcpus: 1, memory: 256, profile: 'IBMDFLT' })]),
  );
  return {
    host,
    directory,
    database: new Map(),
    images: new Map(),
    vswitches: new Set(vswitches),
    locks: new Set(),
    audit: createAudit(),
    capacity,
  };
}

export function newEntry(definition: Pick<DirectoryEntry, 'userid' | 'vcpus' | 'memory' | 'profile'>): DirectoryEntry {
  return {
    ...definition,
    disks: [],
    nics: new Set(),
    power: 'off',
    paused: false,
    image: undefined,
    poweredAt: 0,
    console: [],
  };
}

export function setPower(entry: DirectoryEntry, power: 'on' | 'off'): void {
  entry.power = power;
  entry.paused = false;
  entry.poweredAt = Date.now();
  if (power === 'off') return say(entry, `${entry.userid}: system is down`);
  say(entry, `z/VM ${entry.userid} IPL 0100`);
  say(entry, `Linux booting from ${entry.image ?? 'an empty disk'}, ${entry.vcpus} CPUs, ${entry.memory} MB`);
}

/** Writes a line to the guest's console. */
export function say(entry: DirectoryEntry, line: string): void {
  entry.console.push(`${new Date().toISOString()} ${line}\n`);
  if (entry.console.length > consoleLines) entry.console.shift();
}

/** GiB of the disk pool. */
export function diskUsed(system: ZvmSystem): number {
  const cylinders = [...system.directory.values()]
    .flatMap((entry) => entry.disks)
    .reduce((sum, disk) => sum + disk.cylinders, 0);
  return Math.ceil(cylinders / cylindersPerGb) + system.capacity.diskOfOthers;
}

/** MiB of the guests that are logged on. */
export function memoryUsed(system: ZvmSystem): number {
  return [...system.directory.values()]
    .filter((entry) => entry.power === 'on')
    .reduce((sum, entry) => sum + entry.memory, system.capacity.memoryOfOthers);
}

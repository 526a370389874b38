import { createAudit } from './audit.ts';
import type { Audit } from './audit.ts';

/** z/VM and Feilong: two memories that can disagree, as they do after a crash. */
export interface ZvmSystem {
  readonly host: string;
  /** z/VM's user directory: every userid of the system, whoever created it. */
  readonly directory: Map<string, DirectoryEntry>;
  /** Feilong's own database: the userids it created or registered. */
  readonly database: Set<string>;
  readonly images: Map<string, Image>;
  readonly vswitches: Set<string>;
  readonly audit: Audit;
}

export interface DirectoryEntry {
  readonly userid: string;
  readonly vcpus: number;
  readonly memory: number;
  readonly profile: string;
  readonly disks: readonly Disk[];
  readonly nics: Nic[];
  power: 'on' | 'off';
  paused: boolean;
  image: string | undefined;
  poweredAt: number;
  readonly console: string[];
}

interface Disk {
  readonly vdev: string;
  readonly cylinders: number;
  readonly pool: string;
}

export interface Nic {
  readonly vdev: string;
  readonly mac: string | undefined;
  readonly nicId: string | undefined;
}

export interface Image {
  readonly name: string;
  readonly osVersion: string;
}

export const diskPool = 'POOL1';
export const diskTotal = 10_000;
export const memoryTotal = 262_144;
export const cylindersPerGb = 1457;

/** Userids every z/VM has; nobody's prefix may reach them. */
const systemUsers = ['MAINT', 'TCPIP', 'DIRMAINT', 'OPERATOR', 'FEILONG'];

const consoleLines = 500;

export function createZvmSystem(host: string): ZvmSystem {
  const directory = new Map(
    systemUsers.map((userid) => [userid, newEntry({ userid, vcpus: 1, memory: 256, profile: 'IBMDFLT', disks: [] })]),
  );
  return {
    host,
    directory,
    database: new Set(),
    images: new Map(),
    vswitches: new Set(),
    audit: createAudit(),
  };
}

export function newEntry(
  definition: Pick<DirectoryEntry, 'userid' | 'vcpus' | 'memory' | 'profile' | 'disks'>,
): DirectoryEntry {
  return { ...definition, nics: [], power: 'off', paused: false, image: undefined, poweredAt: 0, console: [] };
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

export function diskUsed(system: ZvmSystem): number {
  const cylinders = [...system.directory.values()]
    .flatMap((entry) => entry.disks)
    .reduce((sum, disk) => sum + disk.cylinders, 0);
  return Math.ceil(cylinders / cylindersPerGb);
}

export function memoryUsed(system: ZvmSystem): number {
  return [...system.directory.values()]
    .filter((entry) => entry.power === 'on')
    .reduce((sum, entry) => sum + entry.memory, 0);
}

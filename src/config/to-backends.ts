import type { BackendSettings, MaintenanceWindow, SlotSettings } from '../domain/settings.ts';
import type { BackendFiles } from './backend-files.ts';
import type { BackendEntry, WindowEntry } from './schema/back.ts';

const bytesPerMiB = 1024 ** 2;
const bytesPerGiB = 1024 ** 3;

export function toBackend(entry: BackendEntry, files: BackendFiles): BackendSettings {
  return {
    name: entry.name,
    kind: entry.kind,
    system: entry.system ?? entry.name,
    driver: driverOf(entry, files),
    slots: entry.slots.map(toSlot),
    worker: {
      memory: Math.ceil((entry.worker.memory ?? 0) / bytesPerMiB),
      disk: Math.ceil((entry.worker.disk ?? 0) / bytesPerGiB),
    },
    maintenance: entry.maintenance.map(toWindow),
  };
}

function driverOf({ url, guard, deploys, command }: BackendEntry, files: BackendFiles): BackendSettings['driver'] {
  if (command) {
    const { prepare = '', clean = '', check } = files.scripts;
    return { kind: 'command', prepare, clean, check, timeout: command.timeout };
  }
  return {
    kind: 'feilong',
    url: url ?? '',
    guard: guard && {
      address: guard.address,
      ports: guard.ports,
      vswitches: guard.vswitches,
      tls: guard.certificate !== undefined,
    },
    deploys,
  };
}

function toSlot({ prefix, base_mac, addresses, vlans }: BackendEntry['slots'][number]): SlotSettings {
  const [first = '', last = ''] = addresses?.split('-') ?? [];
  return {
    prefix,
    variables: {
      ...(base_mac === undefined ? {} : { SIDEGATE_BASE_MAC: base_mac }),
      ...(addresses === undefined ? {} : { SIDEGATE_FIRST_ADDRESS: first, SIDEGATE_LAST_ADDRESS: last }),
      ...(vlans === undefined ? {} : { SIDEGATE_VLANS: `${vlans.first}:${vlans.last}` }),
    },
  };
}

function toWindow({ from, until, every, at, length, reason }: WindowEntry): MaintenanceWindow {
  if (every !== undefined) return { kind: 'weekly', day: every, from: at ?? 0, length: length ?? 0, reason };
  return { kind: 'once', from: from ?? 0, until: until ?? 0, reason };
}

import { createHash } from 'node:crypto';
import type { Flavor, SimulatedServer } from './world.ts';

interface ViewOptions {
  /** Address of the API, `…/compute/v2.1`. */
  readonly base: string;
  readonly version: number;
  readonly list?: boolean;
}

export function links(base: string, path: string): object[] {
  return [
    { rel: 'self', href: `${base}/${path}` },
    { rel: 'bookmark', href: `${base.replace(/\/v2\.1$/u, '')}/${path}` },
  ];
}

export function serverSummary(server: SimulatedServer, base: string): object {
  return { id: server.id, name: server.name, links: links(base, `servers/${server.id}`) };
}

/** A server as Nova shows it at this microversion. */
export function serverView(server: SimulatedServer, view: ViewOptions): Record<string, unknown> {
  const running = server.launchedAt !== undefined;
  return {
    id: server.id,
    name: server.name,
    status: serverStatus(server),
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: running ? createHash('sha224').update(server.projectId).digest('hex') : '',
    image: { id: server.image.id, links: links(view.base, `images/${server.image.id}`).slice(1) },
    flavor: flavorOf(server.flavor, view),
    created: server.created,
    updated: server.updated,
    addresses: addressesOf(server),
    accessIPv4: '',
    accessIPv6: '',
    links: links(view.base, `servers/${server.id}`),
    'OS-DCF:diskConfig': 'MANUAL',
    ...(['building', 'active'].includes(server.vmState) ? { progress: 0 } : {}),
    ...(server.fault ? { fault: server.fault } : {}),
    'OS-EXT-AZ:availability_zone': running ? server.availabilityZone : '',
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keypair?.name ?? null,
    'OS-SRV-USG:launched_at': server.launchedAt ?? null,
    'OS-SRV-USG:terminated_at': null,
    ...(server.ports.length > 0 ? { security_groups: server.securityGroups.map((name) => ({ name })) } : {}),
    'OS-EXT-STS:task_state': server.taskState ?? null,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': powerState(server),
    'os-extended-volumes:volumes_attached': [],
    ...addedLater(server, view),
  };
}

/** Fields that came with a microversion. */
function addedLater(server: SimulatedServer, { version, list }: ViewOptions): Record<string, unknown> {
  return {
    ...(version >= 9 ? { locked: false } : {}),
    ...(version >= 73 ? { locked_reason: null } : {}),
    ...(version >= 19 ? { description: server.description } : {}),
    ...(version >= 26 ? { tags: server.tags } : {}),
    ...(version >= 63 ? { trusted_image_certificates: null } : {}),
    ...(version >= 90 ? { 'OS-EXT-SRV-ATTR:hostname': server.name } : {}),
    ...(version >= 71 && !list ? { server_groups: [] } : {}),
  };
}

function serverStatus({ vmState, taskState }: SimulatedServer): string {
  if (taskState === 'reboot_started_hard') return 'HARD_REBOOT';
  return { building: 'BUILD', active: 'ACTIVE', stopped: 'SHUTOFF', error: 'ERROR' }[vmState];
}

/** True for the status a list asks for. */
export function hasStatus(server: SimulatedServer, status: string): boolean {
  return serverStatus(server) === status.toUpperCase();
}

function powerState({ vmState }: SimulatedServer): number {
  return { building: 0, error: 0, active: 1, stopped: 4 }[vmState];
}

function flavorOf(flavor: Flavor, { version, base }: ViewOptions): object {
  if (version < 47) return { id: flavor.id, links: links(base, `flavors/${flavor.id}`).slice(1) };
  const { vcpus, ram, disk, name } = flavor;
  return { vcpus, ram, disk, ephemeral: 0, swap: 0, original_name: name, extra_specs: {} };
}

function addressesOf(server: SimulatedServer): Record<string, object[]> {
  const addresses: Record<string, object[]> = {};
  if (server.launchedAt === undefined) return addresses;
  for (const { network, address, mac } of server.ports) {
    const entry = { version: 4, addr: address, 'OS-EXT-IPS:type': 'fixed', 'OS-EXT-IPS-MAC:mac_addr': mac };
    (addresses[network.name] ??= []).push(entry);
  }
  return addresses;
}

export function flavorView(flavor: Flavor, { base, version }: ViewOptions): object {
  return {
    id: flavor.id,
    name: flavor.name,
    ram: flavor.ram,
    disk: flavor.disk,
    swap: version >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    links: links(base, `flavors/${flavor.id}`),
    ...(version >= 55 ? { description: null } : {}),
    ...(version >= 61 ? { extra_specs: {} } : {}),
  };
}

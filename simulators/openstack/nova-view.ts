import { createHash } from 'node:crypto';
import { floatingOf } from './ports.ts';
import type { Flavor, SimulatedServer, World } from './world.ts';

interface ViewOptions {
  /** Address of the API, `…/compute/v2.1`. */
  readonly base: string;
  readonly version: number;
  readonly world: World;
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
    image: server.image ? { id: server.image.id, links: links(view.base, `images/${server.image.id}`).slice(1) } : '',
    flavor: flavorOf(server.flavor, view),
    created: server.created,
    updated: server.updated,
    addresses: addressesOf(server, view.world),
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
    ...groupsOf(server, view.world),
    'OS-EXT-STS:task_state': server.taskState ?? null,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': powerState(server),
    'os-extended-volumes:volumes_attached': server.volumes.map(({ volume, deleteOnTermination }) => ({
      id: volume.id,
      ...(view.version >= 3 ? { delete_on_termination: deleteOnTermination } : {}),
    })),
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

function addressesOf(server: SimulatedServer, world: World): Record<string, object[]> {
  const addresses: Record<string, object[]> = {};
  if (server.launchedAt === undefined) return addresses;
  for (const port of server.ports) {
    const entry = (addr: string, type: 'fixed' | 'floating') => ({
      version: 4,
      addr,
      'OS-EXT-IPS:type': type,
      'OS-EXT-IPS-MAC:mac_addr': port.mac,
    });
    const floating = floatingOf(world, port).map(({ address }) => entry(address, 'floating'));
    (addresses[port.network.name] ??= []).push(entry(port.address, 'fixed'), ...floating);
  }
  return addresses;
}

/** Those of the ports; no field where there are none. */
function groupsOf({ ports }: SimulatedServer, world: World): { security_groups?: object[] } {
  const ids = new Set(ports.flatMap(({ securityGroups }) => securityGroups));
  const names = [...ids].map((id) => world.securityGroups.get(id)?.name).filter((name) => name !== undefined);
  return names.length > 0 ? { security_groups: names.map((name) => ({ name })) } : {};
}

export function flavorView(flavor: Flavor, { base, version }: Pick<ViewOptions, 'base' | 'version'>): object {
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

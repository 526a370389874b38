import { neutronError } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Route } from './http.ts';
import { bodyOf, filtered, neutronRoute, nextPage, shortText } from './neutron-context.ts';
import type { NeutronCall, NeutronOptions } from './neutron-context.ts';
import { ownGroups } from './neutron-groups.ts';
import { checkQuota } from './neutron-quota.ts';
import { touch } from './ports.ts';
import type { Network, Port, World } from './world.ts';
import { canSee } from './world.ts';

export function portRoutes(neutron: NeutronOptions): readonly Route[] {
  return [
    neutronRoute(neutron, 'GET', '/ports', listPorts),
    neutronRoute(neutron, 'POST', '/ports', createPort),
    neutronRoute(neutron, 'GET', '/ports/:id', (call) => showPort(call, 200, pathPort(call, call.params['id']))),
    neutronRoute(neutron, 'PUT', '/ports/:id', updatePort),
    neutronRoute(neutron, 'DELETE', '/ports/:id', async (call) => {
      await call.neutron.ports.remove(pathPort(call, call.params['id']));
      return { status: 204 };
    }),
  ];
}

function listPorts(call: NeutronCall): Answer {
  const { world, token } = call;
  const own = [...world.ports.values()].filter(({ projectId }) => projectId === token.project.id);
  const views = own.map((port) => portView(port, world));
  const ports = filtered(views, call.query);
  return { status: 200, body: { ports, ...nextPage(call, 'ports', ports) } };
}

function showPort({ world }: NeutronCall, status: number, port: Port): Answer {
  return { status, body: { port: portView(port, world) } };
}

/** The port with this id; one of another project does not exist. */
export function pathPort({ world, token }: NeutronCall, id: unknown): Port {
  const port = world.ports.get(asText(id));
  if (port?.projectId === token.project.id) return port;
  throw neutronError(404, 'PortNotFound', `Port ${asText(id)} could not be found.`);
}

function createPort(call: NeutronCall): Answer {
  const { world, token, neutron } = call;
  const asked = bodyOf(call.json, 'port');
  const network = world.networks.find(({ id }) => id === asked['network_id']);
  if (!network || !canSee(network, token.project.id)) {
    const id = asText(asked['network_id']);
    throw neutronError(404, 'NetworkNotFound', `Network ${id} could not be found.`);
  }
  checkFixedIps(asked['fixed_ips'], network);
  checkQuota(world, token.project.id, 'port');
  const port = neutron.ports.create({
    name: shortText(asked, 'name'),
    description: shortText(asked, 'description'),
    projectId: token.project.id,
    network,
    securityGroups: askedGroups(call, asked['security_groups'], network),
    adminStateUp: asked['admin_state_up'] !== false,
    deviceId: shortText(asked, 'device_id'),
    deviceOwner: shortText(asked, 'device_owner'),
    madeByNova: false,
  });
  return showPort(call, 201, port);
}

/** A subnet may be named; the address in it is the simulator's to choose. */
function checkFixedIps(asked: unknown, network: Network): void {
  if (asked === undefined) return;
  for (const entry of Array.isArray(asked) ? (asked as Record<string, unknown>[]) : []) {
    const subnet = entry['subnet_id'];
    if (subnet !== undefined && subnet !== network.subnetId) {
      const why = `Invalid input for operation: Failed to create port on network ${network.id}, because fixed_ips included invalid subnet ${asText(subnet)}.`;
      throw neutronError(400, 'InvalidInput', why);
    }
    if (entry['ip_address'] !== undefined) {
      throw neutronError(400, 'InvalidInput', 'The simulator chooses addresses itself.');
    }
  }
}

function askedGroups({ world, token }: NeutronCall, asked: unknown, network: Network): readonly string[] {
  if (!network.portSecurity) {
    if (!Array.isArray(asked) || asked.length === 0) return [];
    const why = 'Port Security must be enabled in order to have allowed address pairs on a port.';
    throw neutronError(409, 'PortSecurityAndIPRequiredForSecurityGroups', why);
  }
  const own = ownGroups(world, token.project.id);
  if (!Array.isArray(asked)) return own.filter(({ name }) => name === 'default').map(({ id }) => id);
  return asked.map((wanted: unknown) => {
    const group = own.find(({ id }) => id === wanted);
    if (group) return group.id;
    throw neutronError(404, 'SecurityGroupNotFound', `Security group ${asText(wanted)} does not exist`);
  });
}

function updatePort(call: NeutronCall): Answer {
  const port = pathPort(call, call.params['id']);
  const asked = bodyOf(call.json, 'port');
  if ('name' in asked) port.name = shortText(asked, 'name');
  if ('description' in asked) port.description = shortText(asked, 'description');
  if ('device_id' in asked) port.deviceId = shortText(asked, 'device_id');
  if ('device_owner' in asked) port.deviceOwner = shortText(asked, 'device_owner');
  if ('admin_state_up' in asked) port.adminStateUp = asked['admin_state_up'] === true;
  if ('security_groups' in asked) port.securityGroups = askedGroups(call, asked['security_groups'], port.network);
  touch(port);
  return showPort(call, 200, port);
}

/** The fields of an ordinary user. */
function portView(port: Port, world: World): Record<string, unknown> {
  return {
    id: port.id,
    name: port.name,
    network_id: port.network.id,
    tenant_id: port.projectId,
    mac_address: port.mac,
    admin_state_up: port.adminStateUp,
    status: portStatus(port, world),
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    fixed_ips: [{ subnet_id: port.network.subnetId, ip_address: port.address }],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: port.securityGroups,
    description: port.description,
    'binding:vnic_type': 'normal',
    port_security_enabled: port.network.portSecurity,
    tags: [],
    created_at: port.createdAt,
    updated_at: port.updatedAt,
    revision_number: port.revision,
    project_id: port.projectId,
  };
}

export function portStatus({ deviceId }: Port, world: World): 'ACTIVE' | 'DOWN' {
  return world.servers.get(deviceId)?.launchedAt === undefined ? 'DOWN' : 'ACTIVE';
}

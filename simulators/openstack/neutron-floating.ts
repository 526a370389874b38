import { neutronError } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Route } from './http.ts';
import { bodyOf, filtered, neutronRoute, nextPage, shortText } from './neutron-context.ts';
import type { NeutronCall, NeutronOptions } from './neutron-context.ts';
import { pathPort, portStatus } from './neutron-ports.ts';
import { checkQuota } from './neutron-quota.ts';
import type { FloatingIp, Network, Port, World } from './world.ts';
import { timestamp } from './world.ts';

export function floatingRoutes(neutron: NeutronOptions): readonly Route[] {
  return [
    neutronRoute(neutron, 'GET', '/floatingips', listFloating),
    neutronRoute(neutron, 'POST', '/floatingips', createFloating),
    neutronRoute(neutron, 'GET', '/floatingips/:id', (call) => showFloating(call, 200, pathFloating(call))),
    neutronRoute(neutron, 'PUT', '/floatingips/:id', updateFloating),
    neutronRoute(neutron, 'DELETE', '/floatingips/:id', async (call) => {
      await call.neutron.ports.removeFloating(pathFloating(call));
      return { status: 204 };
    }),
  ];
}

function listFloating(call: NeutronCall): Answer {
  const { world, token } = call;
  const own = [...world.floatingIps.values()].filter(({ projectId }) => projectId === token.project.id);
  const views = own.map((floating) => floatingView(floating, world));
  const floatingips = filtered(views, call.query);
  return { status: 200, body: { floatingips, ...nextPage(call, 'floatingips', floatingips) } };
}

function showFloating({ world }: NeutronCall, status: number, floating: FloatingIp): Answer {
  return { status, body: { floatingip: floatingView(floating, world) } };
}

function pathFloating({ world, token, params }: NeutronCall): FloatingIp {
  const floating = world.floatingIps.get(params['id'] ?? '');
  if (floating?.projectId === token.project.id) return floating;
  throw neutronError(404, 'FloatingIPNotFound', `Floating IP ${params['id']} could not be found`);
}

async function createFloating(call: NeutronCall): Promise<Answer> {
  const { world, token, neutron } = call;
  const asked = bodyOf(call.json, 'floatingip');
  const id = asText(asked['floating_network_id']);
  const network = world.networks.find((entry) => entry.id === id);
  if (!network?.external) {
    const why = `Bad floatingip request: Network ${id} is not a valid external network.`;
    throw neutronError(400, 'BadRequest', why);
  }
  const description = shortText(asked, 'description');
  checkQuota(world, token.project.id, 'floatingip');
  const portId = asked['port_id'] ?? undefined;
  const port = portId === undefined ? undefined : pathPort(call, portId);
  const floating = neutron.ports.createFloating(network, token.project.id, description);
  try {
    if (port) await connect(call, floating, port);
  } catch (error) {
    await neutron.ports.removeFloating(floating);
    throw error;
  }
  return showFloating(call, 201, floating);
}

async function connect({ neutron }: NeutronCall, floating: FloatingIp, port: Port): Promise<void> {
  checkRouted(floating.network, port);
  const other = neutron.ports.floatingOf(port).find(({ id }) => id !== floating.id);
  if (!other) return neutron.ports.associate(floating, port);
  const what = `Cannot associate floating IP ${floating.address} (${floating.id}) with port ${port.id} using fixed IP ${port.address}`;
  const why = `as that fixed IP already has a floating IP on external network ${floating.network.id}.`;
  throw neutronError(409, 'FloatingIPPortAlreadyAssociated', `${what}, ${why}`);
}

function checkRouted(outside: Network, port: Port): void {
  if (port.network.routed) return;
  const why = `External network ${outside.id} is not reachable from subnet ${port.network.subnetId}.  Therefore, cannot associate Port ${port.id} with a Floating IP.`;
  throw neutronError(404, 'ExternalGatewayForFloatingIPNotFound', why);
}

async function updateFloating(call: NeutronCall): Promise<Answer> {
  const floating = pathFloating(call);
  const asked = bodyOf(call.json, 'floatingip');
  if ('description' in asked) floating.description = shortText(asked, 'description');
  floating.updatedAt = timestamp();
  if (!('port_id' in asked)) return showFloating(call, 200, floating);
  if (asked['port_id'] === null) await call.neutron.ports.associate(floating, undefined);
  else await connect(call, floating, pathPort(call, asked['port_id']));
  return showFloating(call, 200, floating);
}

function floatingView(floating: FloatingIp, world: World): Record<string, unknown> {
  const port = floating.portId === undefined ? undefined : world.ports.get(floating.portId);
  return {
    id: floating.id,
    tenant_id: floating.projectId,
    floating_ip_address: floating.address,
    floating_network_id: floating.network.id,
    router_id: port ? world.routerId : null,
    port_id: port?.id ?? null,
    fixed_ip_address: port?.address ?? null,
    status: port ? 'ACTIVE' : 'DOWN',
    description: floating.description,
    port_details: port
      ? {
          name: port.name,
          network_id: port.network.id,
          mac_address: port.mac,
          admin_state_up: port.adminStateUp,
          status: portStatus(port, world),
          device_id: port.deviceId,
          device_owner: port.deviceOwner,
        }
      : null,
    tags: [],
    created_at: floating.createdAt,
    updated_at: floating.updatedAt,
    revision_number: floating.revision,
    project_id: floating.projectId,
  };
}

import { neutronError } from './errors.ts';
import type { Answer, Call, Service } from './http.ts';
import { filtered, neutronRoute } from './neutron-context.ts';
import type { NeutronCall, NeutronOptions } from './neutron-context.ts';
import { floatingRoutes } from './neutron-floating.ts';
import { groupRoutes } from './neutron-groups.ts';
import { portRoutes } from './neutron-ports.ts';
import { quotaRoutes } from './neutron-quota.ts';
import type { Network, World } from './world.ts';
import { canSee } from './world.ts';

/** Networks, ports, floating addresses and security groups. */
export function neutronService(neutron: NeutronOptions): Service {
  return {
    name: 'network',
    region: neutron.name,
    prefix: `${neutron.prefix}/network`,
    notFound: () => ({ status: 404, body: { message: 'The resource could not be found.', code: '404 Not Found' } }),
    badJson: () => neutronError(400, 'HTTPBadRequest', 'Cannot understand JSON').answer,
    routes: [
      { method: 'GET', path: '/', handle: (call) => showVersions(neutron, call) },
      neutronRoute(neutron, 'GET', '/networks', listNetworks),
      neutronRoute(neutron, 'GET', '/networks/:id', showNetwork),
      neutronRoute(neutron, 'GET', '/subnets', listSubnets),
      neutronRoute(neutron, 'GET', '/subnets/:id', showSubnet),
      neutronRoute(neutron, 'GET', '/extensions', () => ({
        status: 200,
        body: { extensions: extensions.map(extension) },
      })),
      neutronRoute(neutron, 'GET', '/extensions/:alias', showExtension),
      neutronRoute(neutron, 'GET', '/availability_zones', listZones),
      ...portRoutes(neutron),
      ...floatingRoutes(neutron),
      ...groupRoutes(neutron),
      ...quotaRoutes(neutron),
    ],
  };
}

function showVersions({ prefix }: NeutronOptions, { origin }: Call): Answer {
  const links = [{ rel: 'self', href: `${origin}${prefix}/network/v2.0/` }];
  return { status: 200, body: { versions: [{ id: 'v2.0', status: 'CURRENT', links }] } };
}

function visibleNetworks({ world, token }: NeutronCall): readonly Network[] {
  return world.networks.filter((network) => canSee(network, token.project.id));
}

function listNetworks(call: NeutronCall): Answer {
  return { status: 200, body: { networks: filtered(visibleNetworks(call).map(networkView), call.query) } };
}

function showNetwork(call: NeutronCall): Answer {
  const id = call.params['id'];
  const network = visibleNetworks(call).find((entry) => entry.id === id);
  if (!network) throw neutronError(404, 'NetworkNotFound', `Network ${id} could not be found.`);
  return { status: 200, body: { network: networkView(network) } };
}

const created = '2026-01-01T00:00:00Z';

function networkView(network: Network): Record<string, unknown> {
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.projectId,
    admin_state_up: true,
    mtu: network.portSecurity && !network.external ? 1450 : 1500,
    status: 'ACTIVE',
    subnets: [network.subnetId],
    shared: network.shared,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'router:external': network.external,
    description: '',
    port_security_enabled: network.portSecurity,
    ...(network.external ? { is_default: false } : {}),
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 2,
    project_id: network.projectId,
  };
}

function listSubnets(call: NeutronCall): Answer {
  return { status: 200, body: { subnets: filtered(visibleNetworks(call).map(subnetView), call.query) } };
}

function showSubnet(call: NeutronCall): Answer {
  const id = call.params['id'];
  const network = visibleNetworks(call).find(({ subnetId }) => subnetId === id);
  if (!network) throw neutronError(404, 'SubnetNotFound', `Subnet ${id} could not be found.`);
  return { status: 200, body: { subnet: subnetView(network) } };
}

function subnetView(network: Network): Record<string, unknown> {
  return {
    id: network.subnetId,
    name: `${network.name}-subnet`,
    tenant_id: network.projectId,
    network_id: network.id,
    ip_version: 4,
    subnetpool_id: null,
    enable_dhcp: true,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    gateway_ip: `${network.prefix}.0.1`,
    cidr: `${network.prefix}.0.0/16`,
    allocation_pools: [{ start: `${network.prefix}.0.10`, end: `${network.prefix}.253.254` }],
    host_routes: [],
    dns_nameservers: [],
    description: '',
    service_types: [],
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 0,
    project_id: network.projectId,
  };
}

const extensions = ['security-group', 'router', 'external-net', 'quotas', 'quota_details', 'availability_zone'];

function extension(alias: string): object {
  return { name: alias, alias, description: '', updated: created, links: [] };
}

function showExtension({ params }: NeutronCall): Answer {
  const alias = params['alias'] ?? '';
  if (extensions.includes(alias)) return { status: 200, body: { extension: extension(alias) } };
  throw neutronError(404, 'HTTPNotFound', `Extension with alias ${alias} does not exist`);
}

function listZones({ world }: { readonly world: World }): Answer {
  const zone = (name: string) => ({ name, resource: 'network', state: 'available' });
  return { status: 200, body: { availability_zones: world.zones.map(zone) } };
}

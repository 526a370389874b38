import { randomUUID } from 'node:crypto';
import { neutronError, unauthorized } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Call, Route, Service } from './http.ts';
import { requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { Network, Port, SecurityGroup, SimulatedServer, World } from './world.ts';
import { canSee, timestamp } from './world.ts';

interface NeutronOptions {
  readonly world: World;
  readonly tokens: TokenStore;
  readonly authUrl: string;
}

type Handler = (call: Call, token: Token, world: World) => Answer;

const quotas = {
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  floatingip: 50,
  security_group: 10,
  security_group_rule: 100,
};

/** Networks, the ports of servers and security groups. Groups are kept, not enforced: every port lets SSH in. */
export function neutronService({ world, tokens, authUrl }: NeutronOptions): Service {
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    path: `/v2.0${path}`,
    handle: (call) => handler(call, requireToken(tokens, call, unauthorized(authUrl)), world),
  });
  return {
    name: 'network',
    prefix: '/network',
    notFound: () => ({ status: 404, body: { message: 'The resource could not be found.', code: '404 Not Found' } }),
    badJson: () => neutronError(400, 'HTTPBadRequest', 'Cannot understand JSON').answer,
    routes: [
      { method: 'GET', path: '/', handle: showVersions },
      route('GET', '/networks', listNetworks),
      route('GET', '/networks/:id', showNetwork),
      route('GET', '/ports', listPorts),
      route('GET', '/security-groups', listGroups),
      route('POST', '/security-groups', createGroup),
      route('DELETE', '/security-groups/:id', deleteGroup),
      route('POST', '/security-group-rules', createRule),
      route('GET', '/quotas/:project/details.json', showQuota),
    ],
  };
}

function showVersions({ origin }: Call): Answer {
  const links = [{ rel: 'self', href: `${origin}/network/v2.0/` }];
  return { status: 200, body: { versions: [{ id: 'v2.0', status: 'CURRENT', links }] } };
}

/** Query parameters that name a field filter by it; a repeated one means either. */
function filtered(
  views: readonly Record<string, unknown>[],
  query: URLSearchParams,
): readonly Record<string, unknown>[] {
  const ignored = new Set(['fields', 'limit', 'marker', 'sort_key', 'sort_dir', 'page_reverse']);
  const keys = [...new Set(query.keys())].filter((key) => !ignored.has(key));
  return views.filter((view) => keys.every((key) => query.getAll(key).includes(asText(view[key]))));
}

function listNetworks({ query }: Call, { project }: Token, world: World): Answer {
  const networks = world.networks.filter((network) => canSee(network, project.id)).map(networkView);
  return { status: 200, body: { networks: filtered(networks, query) } };
}

function showNetwork({ params }: Call, { project }: Token, world: World): Answer {
  const network = world.networks.find((entry) => entry.id === params['id'] && canSee(entry, project.id));
  if (!network) throw neutronError(404, 'NetworkNotFound', `Network ${params['id']} could not be found.`);
  return { status: 200, body: { network: networkView(network) } };
}

function networkView(network: Network): Record<string, unknown> {
  const created = '2026-01-01T00:00:00Z';
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

function listPorts({ query }: Call, { project }: Token, world: World): Answer {
  const own = [...world.servers.values()].filter(({ projectId }) => projectId === project.id);
  const ports = own.flatMap((server) => server.ports.map((port) => portView(port, server, world)));
  return { status: 200, body: { ports: filtered(ports, query) } };
}

function portView(port: Port, server: SimulatedServer, world: World): Record<string, unknown> {
  const groups = [...world.securityGroups.values()].filter(
    ({ name, projectId }) => projectId === server.projectId && server.securityGroups.includes(name),
  );
  return {
    id: port.id,
    name: '',
    network_id: port.network.id,
    tenant_id: server.projectId,
    mac_address: port.mac,
    admin_state_up: true,
    status: server.launchedAt === undefined ? 'DOWN' : 'ACTIVE',
    device_id: server.id,
    device_owner: 'compute:nova',
    fixed_ips: [{ subnet_id: port.network.subnetId, ip_address: port.address }],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: groups.map(({ id }) => id),
    description: '',
    'binding:vnic_type': 'normal',
    port_security_enabled: port.network.portSecurity,
    tags: [],
    created_at: port.createdAt,
    updated_at: port.createdAt,
    revision_number: 5,
    project_id: server.projectId,
  };
}

function ownGroups(world: World, projectId: string): readonly SecurityGroup[] {
  return [...world.securityGroups.values()].filter((group) => group.projectId === projectId);
}

function listGroups({ query }: Call, { project }: Token, world: World): Answer {
  return { status: 200, body: { security_groups: filtered(ownGroups(world, project.id).map(groupView), query) } };
}

function createGroup({ json }: Call, { project }: Token, world: World): Answer {
  const asked = ((json as Record<string, unknown> | null)?.['security_group'] ?? {}) as Record<string, unknown>;
  if (ownGroups(world, project.id).length >= quotas.security_group) {
    throw neutronError(409, 'OverQuota', "Quota exceeded for resources: ['security_group'].");
  }
  const group: SecurityGroup = {
    id: randomUUID(),
    name: asText(asked['name'] ?? ''),
    description: asText(asked['description'] ?? ''),
    projectId: project.id,
    createdAt: timestamp(),
    rules: [],
  };
  // New groups let everything out.
  for (const ethertype of ['IPv4', 'IPv6']) {
    group.rules.push({
      ...ruleView(group, { direction: 'egress', ethertype, description: null }),
      standard_attr_id: 24,
      tags: [],
    });
  }
  world.securityGroups.set(group.id, group);
  return { status: 201, body: { security_group: groupView(group) } };
}

function groupView(group: SecurityGroup): Record<string, unknown> {
  return {
    id: group.id,
    name: group.name,
    stateful: true,
    tenant_id: group.projectId,
    description: group.description,
    shared: false,
    security_group_rules: group.rules,
    tags: [],
    created_at: group.createdAt,
    updated_at: group.createdAt,
    revision_number: 1,
    project_id: group.projectId,
  };
}

function deleteGroup({ params }: Call, { project }: Token, world: World): Answer {
  const group = pathGroup(world, project.id, params['id']);
  const used = [...world.servers.values()].some(
    (server) => server.projectId === project.id && server.securityGroups.includes(group.name),
  );
  if (used) throw neutronError(409, 'SecurityGroupInUse', `Security Group ${group.id} in use.`);
  world.securityGroups.delete(group.id);
  return { status: 204 };
}

function pathGroup(world: World, projectId: string, id: unknown): SecurityGroup {
  const group = ownGroups(world, projectId).find((entry) => entry.id === id);
  if (!group) throw neutronError(404, 'SecurityGroupNotFound', `Security group ${asText(id)} does not exist`);
  return group;
}

function createRule({ json }: Call, { project }: Token, world: World): Answer {
  const asked = ((json as Record<string, unknown> | null)?.['security_group_rule'] ?? {}) as Record<string, unknown>;
  const group = pathGroup(world, project.id, asked['security_group_id']);
  const rule = ruleView(group, asked);
  const same = group.rules.find((entry) => ruleKey(entry) === ruleKey(rule));
  if (same)
    throw neutronError(
      409,
      'SecurityGroupRuleExists',
      `Security group rule already exists. Rule id is ${asText(same['id'])}.`,
    );
  group.rules.push(rule);
  return { status: 201, body: { security_group_rule: rule } };
}

function ruleKey(rule: Record<string, unknown>): string {
  const keys = [
    'direction',
    'ethertype',
    'protocol',
    'port_range_min',
    'port_range_max',
    'remote_ip_prefix',
    'remote_group_id',
  ];
  return JSON.stringify(keys.map((key) => rule[key]));
}

function ruleView(group: SecurityGroup, asked: Record<string, unknown>): Record<string, unknown> {
  const now = timestamp();
  return {
    id: randomUUID(),
    tenant_id: group.projectId,
    security_group_id: group.id,
    ethertype: asked['ethertype'] ?? 'IPv4',
    direction: asked['direction'] ?? 'ingress',
    protocol: asked['protocol'] ?? null,
    port_range_min: asked['port_range_min'] ?? null,
    port_range_max: asked['port_range_max'] ?? null,
    remote_ip_prefix: asked['remote_ip_prefix'] ?? null,
    remote_address_group_id: null,
    normalized_cidr: asked['remote_ip_prefix'] ?? null,
    remote_group_id: asked['remote_group_id'] ?? null,
    description: asked['description'] === null ? null : (asked['description'] ?? ''),
    created_at: now,
    updated_at: now,
    revision_number: 0,
    project_id: group.projectId,
  };
}

function showQuota({ params }: Call, _token: Token, world: World): Answer {
  const project = params['project'] ?? '';
  const used: Record<string, number> = {
    network: world.networks.filter(({ projectId }) => projectId === project).length,
    subnet: world.networks.filter(({ projectId }) => projectId === project).length,
    port: [...world.servers.values()].filter(({ projectId }) => projectId === project).flatMap(({ ports }) => ports)
      .length,
    security_group: ownGroups(world, project).length,
    security_group_rule: ownGroups(world, project).flatMap(({ rules }) => rules).length,
  };
  const limits = { ...quotas, subnetpool: -1, rbac_policy: 10 };
  const quota = Object.entries(limits).map(([key, limit]) => [key, { limit, used: used[key] ?? 0, reserved: 0 }]);
  return { status: 200, body: { quota: Object.fromEntries(quota) } };
}

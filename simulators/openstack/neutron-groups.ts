import { randomUUID } from 'node:crypto';
import { neutronError } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Route } from './http.ts';
import { bodyOf, filtered, neutronRoute } from './neutron-context.ts';
import type { NeutronCall, NeutronOptions } from './neutron-context.ts';
import { checkQuota } from './neutron-quota.ts';
import type { SecurityGroup, World } from './world.ts';
import { timestamp } from './world.ts';

/** Groups are kept, not enforced: every port lets SSH in. */
export function groupRoutes(neutron: NeutronOptions): readonly Route[] {
  return [
    neutronRoute(neutron, 'GET', '/security-groups', listGroups),
    neutronRoute(neutron, 'POST', '/security-groups', createGroup),
    neutronRoute(neutron, 'GET', '/security-groups/:id', ({ params, token, world }) => ({
      status: 200,
      body: { security_group: groupView(pathGroup(world, token.project.id, params['id'])) },
    })),
    neutronRoute(neutron, 'DELETE', '/security-groups/:id', deleteGroup),
    neutronRoute(neutron, 'GET', '/security-group-rules', ({ query, token, world }) => ({
      status: 200,
      body: {
        security_group_rules: filtered(
          ownGroups(world, token.project.id).flatMap(({ rules }) => rules),
          query,
        ),
      },
    })),
    neutronRoute(neutron, 'POST', '/security-group-rules', createRule),
  ];
}

export function ownGroups(world: World, projectId: string): readonly SecurityGroup[] {
  return [...world.securityGroups.values()].filter((group) => group.projectId === projectId);
}

function listGroups({ query, token: { project }, world }: NeutronCall): Answer {
  return { status: 200, body: { security_groups: filtered(ownGroups(world, project.id).map(groupView), query) } };
}

function createGroup({ json, token: { project }, world }: NeutronCall): Answer {
  const asked = bodyOf(json, 'security_group');
  checkQuota(world, project.id, 'security_group');
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

function deleteGroup({ params, token: { project }, world }: NeutronCall): Answer {
  const group = pathGroup(world, project.id, params['id']);
  const inServers = [...world.servers.values()].some(
    (server) => server.projectId === project.id && server.securityGroups.includes(group.name),
  );
  const inPorts = [...world.ports.values()].some(({ securityGroups }) => securityGroups.includes(group.id));
  const used = inServers || inPorts;
  if (used) throw neutronError(409, 'SecurityGroupInUse', `Security Group ${group.id} in use.`);
  world.securityGroups.delete(group.id);
  return { status: 204 };
}

function pathGroup(world: World, projectId: string, id: unknown): SecurityGroup {
  const group = ownGroups(world, projectId).find((entry) => entry.id === id);
  if (!group) throw neutronError(404, 'SecurityGroupNotFound', `Security group ${asText(id)} does not exist`);
  return group;
}

function createRule({ json, token: { project }, world }: NeutronCall): Answer {
  const asked = bodyOf(json, 'security_group_rule');
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

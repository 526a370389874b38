import { neutronError } from './errors.ts';
import type { Answer, Route } from './http.ts';
import { bodyOf, neutronRoute } from './neutron-context.ts';
import type { NeutronCall, NeutronOptions } from './neutron-context.ts';
import { defaultNetworkQuota } from './seed.ts';
import { isAdmin } from './tokens.ts';
import type { NetworkQuota, World } from './world.ts';

/** Kinds the simulator has none of. */
const fixed = { subnetpool: -1, rbac_policy: 10 };

export function quotaRoutes(neutron: NeutronOptions): readonly Route[] {
  return [
    neutronRoute(neutron, 'GET', '/quotas/:project', ({ world, params }) => ({
      status: 200,
      body: { quota: { ...quotaOf(world, params['project'] ?? ''), ...fixed } },
    })),
    neutronRoute(neutron, 'PUT', '/quotas/:project', changeQuota),
    neutronRoute(neutron, 'GET', '/quotas/:project/details.json', showDetails),
    neutronRoute(neutron, 'GET', '/quotas/:project/details', showDetails),
  ];
}

function quotaOf(world: World, projectId: string): NetworkQuota {
  return world.networkQuotas.get(projectId) ?? defaultNetworkQuota;
}

/** How much of one kind the project has. */
function usedOf(world: World, projectId: string, kind: keyof NetworkQuota): number {
  const own = <Item extends { readonly projectId: string }>(items: Iterable<Item>) =>
    [...items].filter((item) => item.projectId === projectId);
  switch (kind) {
    case 'network':
    case 'subnet':
      return own(world.networks).length;
    case 'router':
      return own(world.networks).filter(({ routed }) => routed).length;
    case 'port':
      return own(world.ports.values()).length;
    case 'floatingip':
      return own(world.floatingIps.values()).length;
    case 'security_group':
      return own(world.securityGroups.values()).length;
    case 'security_group_rule':
      return own(world.securityGroups.values()).flatMap(({ rules }) => rules).length;
  }
}

/** Throws Neutron's 409 when one more is too many. */
export function checkQuota(world: World, projectId: string, kind: keyof NetworkQuota): void {
  const limit = quotaOf(world, projectId)[kind];
  if (limit < 0 || usedOf(world, projectId, kind) < limit) return;
  throw neutronError(409, 'OverQuota', `Quota exceeded for resources: ['${kind}'].`);
}

/** Ports that Nova may still make. */
export function freePorts(world: World, projectId: string): number {
  const { port } = quotaOf(world, projectId);
  return port < 0 ? Infinity : port - usedOf(world, projectId, 'port');
}

function showDetails({ world, params }: NeutronCall): Answer {
  const project = params['project'] ?? '';
  const limits = Object.entries(quotaOf(world, project)) as [keyof NetworkQuota, number][];
  const quota = limits.map(([key, limit]) => [key, { limit, used: usedOf(world, project, key), reserved: 0 }]);
  const none = Object.entries(fixed).map(([key, limit]) => [key, { limit, used: 0, reserved: 0 }]);
  return { status: 200, body: { quota: Object.fromEntries([...quota, ...none]) } };
}

function changeQuota({ world, params, json, token }: NeutronCall): Answer {
  if (!isAdmin(token)) throw neutronError(403, 'PolicyNotAuthorized', 'rule:update_quota is disallowed by policy');
  const project = params['project'] ?? '';
  const asked = bodyOf(json, 'quota');
  const quota = { ...quotaOf(world, project) };
  for (const key of Object.keys(quota) as (keyof NetworkQuota)[]) {
    if (Number.isInteger(asked[key])) quota[key] = Number(asked[key]);
  }
  world.networkQuotas.set(project, quota);
  return { status: 200, body: { quota: { ...quota, ...fixed } } };
}

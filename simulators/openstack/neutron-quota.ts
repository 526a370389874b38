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

function usage(world: World, projectId: string): NetworkQuota {
  const own = <Item extends { readonly projectId: string }>(items: Iterable<Item>) =>
    [...items].filter((item) => item.projectId === projectId);
  const networks = own(world.networks);
  const groups = own(world.securityGroups.values());
  return {
    network: networks.length,
    subnet: networks.length,
    port: own(world.ports.values()).length,
    router: networks.filter(({ routed }) => routed).length,
    floatingip: own(world.floatingIps.values()).length,
    security_group: groups.length,
    security_group_rule: groups.flatMap(({ rules }) => rules).length,
  };
}

/** Throws Neutron's 409 when one more is too many. */
export function checkQuota(world: World, projectId: string, kind: keyof NetworkQuota): void {
  const limit = quotaOf(world, projectId)[kind];
  if (limit < 0 || usage(world, projectId)[kind] < limit) return;
  throw neutronError(409, 'OverQuota', `Quota exceeded for resources: ['${kind}'].`);
}

/** Ports that Nova may still make. */
export function freePorts(world: World, projectId: string): number {
  const { port } = quotaOf(world, projectId);
  return port < 0 ? Infinity : port - usage(world, projectId).port;
}

function showDetails({ world, params }: NeutronCall): Answer {
  const project = params['project'] ?? '';
  const used: Record<string, number> = { ...usage(world, project) };
  const limits = { ...quotaOf(world, project), ...fixed };
  const quota = Object.entries(limits).map(([key, limit]) => [key, { limit, used: used[key] ?? 0, reserved: 0 }]);
  return { status: 200, body: { quota: Object.fromEntries(quota) } };
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

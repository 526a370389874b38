import { novaError } from './errors.ts';
import type { Answer } from './http.ts';
import { bodyObject, novaRoute } from './nova-context.ts';
import type { NovaCall, NovaOptions } from './nova-context.ts';
import { defaultQuota } from './seed.ts';
import { isAdmin } from './tokens.ts';
import type { Flavor, Quota, World } from './world.ts';

const keys = ['cores', 'instances', 'ram'] as const;
/** Limits nobody reaches here; enforced by Nova, not by the simulator. */
const fixed = { key_pairs: 100, metadata_items: 128, server_group_members: 10, server_groups: 10 };

export function quotaRoutes(nova: NovaOptions) {
  return [
    novaRoute(nova, 'GET', '/limits', showLimits),
    novaRoute(nova, 'GET', '/os-quota-sets/:project', (call) => ({
      status: 200,
      body: { quota_set: { id: call.params['project'], ...quotaSet(call) } },
    })),
    novaRoute(nova, 'GET', '/os-quota-sets/:project/detail', showDetail),
    novaRoute(nova, 'PUT', '/os-quota-sets/:project', changeQuota),
  ];
}

/** Throws Nova's 403 when `count` servers of this flavor are too many for the project. */
export function checkQuota(world: World, projectId: string, flavor: Flavor, count: number): void {
  const quota = quotaOf(world, projectId);
  const used = usage(world, projectId);
  const wanted: Quota = { cores: flavor.vcpus * count, instances: count, ram: flavor.ram * count };
  const over = keys.filter((key) => quota[key] >= 0 && used[key] + wanted[key] > quota[key]);
  if (over.length === 0) return;
  const list = (values: Quota) => over.map((key) => values[key]).join(', ');
  const names = over.join(', ');
  throw novaError(
    403,
    `Quota exceeded for ${names}: Requested ${list(wanted)}, but already used ${list(used)} of ${list(quota)} ${names}`,
  );
}

function quotaOf(world: World, projectId: string): Quota {
  return world.quotas.get(projectId) ?? defaultQuota;
}

function usage(world: World, projectId: string): Quota {
  const own = [...world.servers.values()].filter((server) => server.projectId === projectId);
  const sum = (value: (flavor: Flavor) => number) => own.reduce((total, { flavor }) => total + value(flavor), 0);
  return { cores: sum(({ vcpus }) => vcpus), instances: own.length, ram: sum(({ ram }) => ram) };
}

function showLimits(call: NovaCall): Answer {
  const quota = quotaOf(call.nova.world, call.token.project.id);
  const used = usage(call.nova.world, call.token.project.id);
  const absolute = {
    maxTotalInstances: quota.instances,
    maxTotalCores: quota.cores,
    maxTotalRAMSize: quota.ram,
    maxServerMeta: fixed.metadata_items,
    maxTotalKeypairs: fixed.key_pairs,
    maxServerGroups: fixed.server_groups,
    maxServerGroupMembers: fixed.server_group_members,
    totalRAMUsed: used.ram,
    totalCoresUsed: used.cores,
    totalInstancesUsed: used.instances,
    totalServerGroupsUsed: 0,
  };
  return { status: 200, body: { limits: { rate: [], absolute } } };
}

function quotaSet(call: NovaCall): Record<string, number> {
  return { ...quotaOf(call.nova.world, call.params['project'] ?? ''), ...fixed };
}

function showDetail(call: NovaCall): Answer {
  const project = call.params['project'] ?? '';
  const used: Record<string, number> = { ...usage(call.nova.world, project) };
  const detail = Object.entries(quotaSet(call)).map(([key, limit]) => [
    key,
    { limit, in_use: used[key] ?? 0, reserved: 0 },
  ]);
  return { status: 200, body: { quota_set: { id: project, ...Object.fromEntries(detail) } } };
}

function changeQuota(call: NovaCall): Answer {
  if (!isAdmin(call.token)) {
    throw novaError(403, "Policy doesn't allow os_compute_api:os-quota-sets:update to be performed.");
  }
  const asked = bodyObject(call, 'quota_set');
  const project = call.params['project'] ?? '';
  const quota = { ...quotaOf(call.nova.world, project) };
  for (const key of keys) if (Number.isInteger(asked[key])) quota[key] = Number(asked[key]);
  call.nova.world.quotas.set(project, quota);
  return { status: 200, body: { quota_set: quotaSet(call) } };
}

import { cinderError } from './errors.ts';
import type { Answer } from './http.ts';
import { bodyOf } from './cinder-context.ts';
import type { CinderCall } from './cinder-context.ts';
import { volumeQuotaOf, volumeUsage } from './cinder-quota.ts';
import { isAdmin } from './tokens.ts';

export function showLimits({ cinder, token }: CinderCall): Answer {
  const quota = volumeQuotaOf(cinder.world, token.project.id);
  const used = volumeUsage(cinder.world, token.project.id);
  const absolute = {
    totalSnapshotsUsed: 0,
    maxTotalBackups: 10,
    maxTotalVolumeGigabytes: quota.gigabytes,
    maxTotalSnapshots: 10,
    maxTotalBackupGigabytes: 1000,
    totalBackupGigabytesUsed: 0,
    maxTotalVolumes: quota.volumes,
    totalVolumesUsed: used.volumes,
    totalBackupsUsed: 0,
    totalGigabytesUsed: used.gigabytes,
  };
  return { status: 200, body: { limits: { rate: [], absolute } } };
}

const fixedQuota = { snapshots: 10, backups: 10, backup_gigabytes: 1000, groups: 10, per_volume_gigabytes: -1 };

export function showQuota({ cinder, params, query }: CinderCall): Answer {
  const id = params['target'] ?? '';
  const limits = { ...volumeQuotaOf(cinder.world, id), ...fixedQuota };
  if (query.get('usage')?.toLowerCase() !== 'true') return { status: 200, body: { quota_set: { id, ...limits } } };
  const used: Record<string, number> = { ...volumeUsage(cinder.world, id) };
  const entries = Object.entries(limits).map(([key, limit]) => [key, { limit, in_use: used[key] ?? 0, reserved: 0 }]);
  return { status: 200, body: { quota_set: { id, ...Object.fromEntries(entries) } } };
}

export function changeQuota(call: CinderCall): Answer {
  const { cinder, params, token } = call;
  if (!isAdmin(token)) {
    throw cinderError(403, "Policy doesn't allow volume_extension:quotas:update to be performed.");
  }
  const id = params['target'] ?? '';
  const asked = bodyOf(call, 'quota_set');
  const quota = { ...volumeQuotaOf(cinder.world, id) };
  for (const key of ['volumes', 'gigabytes'] as const)
    if (Number.isInteger(asked[key])) quota[key] = Number(asked[key]);
  cinder.world.volumeQuotas.set(id, quota);
  return { status: 200, body: { quota_set: { ...quota, ...fixedQuota } } };
}

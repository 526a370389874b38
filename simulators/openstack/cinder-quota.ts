import { defaultVolumeQuota } from './seed.ts';
import type { VolumeQuota, World } from './world.ts';

export function volumeQuotaOf(world: World, projectId: string): VolumeQuota {
  return world.volumeQuotas.get(projectId) ?? defaultVolumeQuota;
}

export function volumeUsage(world: World, projectId: string): VolumeQuota {
  const own = [...world.volumes.values()].filter((volume) => volume.projectId === projectId);
  return { volumes: own.length, gigabytes: own.reduce((total, { size }) => total + size, 0) };
}

/** Why a volume of this size is too much for the project. */
export function volumeQuotaProblem(world: World, projectId: string, size: number): string | undefined {
  const quota = volumeQuotaOf(world, projectId);
  const used = volumeUsage(world, projectId);
  if (quota.gigabytes >= 0 && used.gigabytes + size > quota.gigabytes) {
    const limits = `Requested ${size}G, quota is ${quota.gigabytes}G and ${used.gigabytes}G has been consumed.`;
    return `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ${limits}`;
  }
  if (quota.volumes < 0 || used.volumes < quota.volumes) return undefined;
  return `VolumeLimitExceeded: Maximum number of volumes allowed (${quota.volumes}) exceeded for quota 'volumes'.`;
}

import type { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { Backend, BackendHealth } from '../../ports/backend.ts';
import { createFeilongClient } from './client.ts';
import type { FeilongClient, FeilongOptions } from './client.ts';
import { cleanSlot } from './clean-slot.ts';
import { findStrays } from './find-remains.ts';
import { bareSmapiSchema, hostSchema, smapiSchema, versionSchema } from './schema.ts';

/** GiB: no disk pool is configured, and disks are not counted. PostgreSQL's largest `integer`. */
export const unlimited = 2_147_483_647;

/** One z/VM behind one Feilong. */
export function createFeilongBackend(options: FeilongOptions): Backend {
  const client = createFeilongClient(options);
  return {
    name: options.name,
    checkHealth: () => checkHealth(client, options.name),
    // A fresh generation and the guard are all a worker needs.
    prepareSlot: async () => ({}),
    cleanSlot: (slot, made) => cleanSlot(client, { backend: options.name, prefix: slot.prefix, made }),
    findStrays: (prefixes) => findStrays(client, options.name, prefixes),
  };
}

async function checkHealth(client: FeilongClient, name: string): Promise<BackendHealth> {
  const [feilong, smapi, host] = await Promise.all([
    client.get('/', versionSchema),
    findSmapi(client),
    client.get('/host', hostSchema),
  ]);
  if (smapi?.healthy === false)
    throw new SidegateError('backend-sick', `${name}: SMAPI failed ${smapi.continuousFail} times in a row.`);
  const memory = host.memory_mb - host.memory_mb_used;
  const disk = host.disk_available;
  const versions = `z/VM ${String(host.hypervisor_version).split('').join('.')}, Feilong ${feilong.version}`;
  return {
    text: `${host.zvm_host}, ${versions}; free: ${disk ?? 'unknown'} GiB of disk, ${Math.round(memory / 1024)} GiB of memory`,
    free: { memory, disk: disk ?? unlimited },
  };
}

/**
 * As each Feilong tells it; undefined: it is too old to. While sdkserver is down the older way says that all is well: it is never more than
 * one question of several.
 */
async function findSmapi(client: FeilongClient): Promise<z.output<typeof smapiSchema> | undefined> {
  return (await client.find('/smapi_health', smapiSchema)) ?? client.findBare('/smapi-healthy', bareSmapiSchema);
}

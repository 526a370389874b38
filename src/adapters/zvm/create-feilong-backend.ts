import { SidegateError } from '../../domain/errors.ts';
import type { Backend } from '../../ports/backend.ts';
import { createFeilongClient } from './client.ts';
import type { FeilongOptions } from './client.ts';
import { guestsSchema, hostSchema, smapiSchema, versionSchema } from './schema.ts';

/** A shorter prefix would sweep guests that are none of ours. */
const minPrefix = 2;

/** One z/VM behind one Feilong. */
export function createFeilongBackend(options: FeilongOptions): Backend {
  const client = createFeilongClient(options);

  return {
    name: options.name,

    async checkHealth() {
      const [feilong, smapi, host] = await Promise.all([
        client.get('/', versionSchema),
        client.find('/smapi_health', smapiSchema),
        client.get('/host', hostSchema),
      ]);
      if (smapi?.healthy === false) {
        throw new SidegateError(
          'backend-sick',
          `${options.name}: SMAPI failed ${smapi.continuousFail} times in a row.`,
        );
      }
      return {
        host: host.zvm_host,
        version: `z/VM ${String(host.hypervisor_version).split('').join('.')}, Feilong ${feilong.version}`,
        diskAvailable: host.disk_available,
        memoryFree: host.memory_mb - host.memory_mb_used,
      };
    },

    async listGuests(prefix) {
      const wanted = prefix.toUpperCase();
      if (wanted.length < minPrefix) {
        throw new SidegateError(
          'backend-refused',
          `${options.name}: "${prefix}" is too short for a prefix of guests, ${minPrefix} characters are the least.`,
        );
      }
      const guests = await client.get('/guests', guestsSchema);
      return guests.map((userid) => userid.toUpperCase()).filter((userid) => userid.startsWith(wanted));
    },

    async deleteGuest(userid) {
      if (!/^[A-Z0-9@#$_+:-]{1,8}$/i.test(userid))
        throw new SidegateError('backend-refused', `${options.name}: "${userid}" is no userid.`);
      // 200 also for what is gone; 404 means a guest of z/VM that Feilong did not make: not ours to delete.
      await client.delete(`/guests/${encodeURIComponent(userid)}`);
    },
  };
}

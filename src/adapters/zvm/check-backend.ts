import { notChecked } from '../../domain/finding.ts';
import type { Finding } from '../../domain/finding.ts';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Backend } from '../../ports/backend.ts';
import { createFeilongBackend, unlimited } from './create-feilong-backend.ts';
import { createFeilongClient } from './client.ts';
import type { FeilongClient, FeilongOptions } from './client.ts';
import { guestsSchema, switchesSchema } from './schema.ts';
import { tryCall } from './try-call.ts';

export interface CheckedBackend extends FeilongOptions {
  readonly prefixes?: readonly string[];
  /** What one worker may take of the disk pool, GiB. */
  readonly disk?: number;
  /** Those workers may use; undefined: any. */
  readonly vswitches?: readonly string[] | undefined;
}

/** Connects to the back end as a build would, and looks at the configured prefixes. Never throws. */
export async function checkBackend(options: CheckedBackend): Promise<readonly Finding[]> {
  const backend = createFeilongBackend(options);
  const client = createFeilongClient(options);

  const health = await tryCall('z/VM answers through Feilong', async () => {
    return (await backend.checkHealth()).text;
  });
  const known = await tryCall(
    'guests can be listed',
    async () => `${(await client.get('/guests', guestsSchema)).length} known to Feilong`,
  );
  if (!known.ok) {
    const skipped = ['disk pool', 'virtual switches', ...(options.prefixes ?? []).map((prefix) => `prefix ${prefix}`)];
    return [health, known, ...skipped.map((what) => notChecked(what, 'guests cannot be listed'))];
  }

  const pool = await tryCall(
    'disk pool',
    () => checkDiskPool(backend, options.disk ?? 0),
    'Ask for a disk pool with room, and name it in zvmsdk.conf: docs/zvm-backends.md.',
  );
  const switches = await tryCall(
    'virtual switches',
    () => checkSwitches(client, options.vswitches ?? []),
    'Ask for a virtual switch that Feilong may couple guests to: docs/zvm-backends.md.',
  );
  const prefixes = [];
  for (const prefix of options.prefixes ?? []) prefixes.push(...(await checkPrefix(prefix)));
  return [health, known, pool, switches, ...prefixes];

  async function checkPrefix(prefix: string): Promise<Finding[]> {
    const remains = await tryCall(`prefix ${prefix}: guests of earlier builds`, async () => {
      const names = (await backend.findStrays([prefix])).get(prefix) ?? [];
      return names.length === 0 ? 'none' : `${shorten(names)}; the next build with this slot deletes them first`;
    });
    const free = await checkFree(prefix);
    return free ? [remains, free] : [remains];
  }

  /** Nothing where the names are free. */
  async function checkFree(prefix: string): Promise<Finding | undefined> {
    const what = `prefix ${prefix}: names free on z/VM`;
    try {
      const foreign = await foreignGuests(prefix);
      if (foreign === undefined) return notChecked(what, 'this Feilong does not show z/VM’s directory');
      if (foreign.length === 0) return undefined;
      return {
        ok: false,
        what,
        detail: `${shorten(foreign)} in z/VM's directory, unknown to Feilong`,
        todo: 'Guests of somebody else, by the form of their names: take another prefix.',
      };
    } catch (error) {
      return notChecked(what, errorText(error));
    }
  }

  /** Guests of z/VM's directory that no sweep touches, and that share the prefix; undefined where Feilong is too old to tell. */
  async function foreignGuests(prefix: string): Promise<string[] | undefined> {
    const onHost = await client.find('/host/guests', guestsSchema);
    if (onHost === undefined) return undefined;
    const swept = new Set((await backend.findStrays([prefix])).get(prefix) ?? []);
    return onHost
      .map((userid) => userid.toUpperCase())
      .filter((userid) => userid.startsWith(prefix.toUpperCase()) && !swept.has(userid));
  }
}

async function checkDiskPool(backend: Backend, needed: number): Promise<string> {
  const { free } = await backend.checkHealth();
  // Without a pool Feilong says 0, or nothing at all.
  if (free === undefined || free.disk === unlimited || free.disk === 0)
    throw new SidegateError('backend-refused', 'Feilong has no disk pool with room in it: guests get no disks.');
  if (free.disk < needed)
    throw new SidegateError('backend-refused', `${free.disk} GiB are free, one worker may take ${needed} GiB.`);
  return `${free.disk} GiB free`;
}

async function checkSwitches(client: FeilongClient, wanted: readonly string[]): Promise<string> {
  const names = await client.get('/vswitches', switchesSchema);
  if (names.length === 0) throw new SidegateError('backend-refused', 'z/VM has no virtual switch.');
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new SidegateError('backend-refused', `z/VM has no ${missing.join(', ')}.`);
  return shorten(names);
}

function shorten(guests: readonly string[]): string {
  return guests.length <= 5 ? guests.join(', ') : `${guests.slice(0, 5).join(', ')} and ${guests.length - 5} more`;
}

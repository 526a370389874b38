import { SidegateError, errorText } from '../../domain/errors.ts';
import { createFeilongBackend } from './create-feilong-backend.ts';
import { createFeilongClient } from './client.ts';
import type { FeilongOptions } from './client.ts';
import { guestsSchema } from './schema.ts';

/** One line of `sidegate doctor`. `todo` is empty where nothing is to be done. */
export interface BackendCheck {
  readonly ok: boolean;
  readonly what: string;
  readonly detail: string;
  readonly todo: string;
}

/** Connects to the back end as a build would, and looks at the configured prefixes. Never throws. */
export async function checkBackend(
  options: FeilongOptions & { readonly prefixes?: readonly string[] },
): Promise<readonly BackendCheck[]> {
  const backend = createFeilongBackend(options);
  const client = createFeilongClient(options);

  const health = await check('z/VM answers through Feilong', async () => {
    return (await backend.checkHealth()).text;
  });
  const known = await check(
    'guests can be listed',
    async () => `${(await client.get('/guests', guestsSchema)).length} known to Feilong`,
  );
  if (!known.ok) return [health, known];

  const prefixes = [];
  for (const prefix of options.prefixes ?? []) prefixes.push(...(await checkPrefix(prefix)));
  return [health, known, ...prefixes];

  async function checkPrefix(prefix: string): Promise<BackendCheck[]> {
    const remains = await check(`prefix ${prefix}: guests of earlier builds`, async () => {
      const names = await backend.findStrays({ backend: options.name, prefix });
      return names.length === 0 ? 'none' : `${shorten(names)}; the next build with this slot deletes them first`;
    });
    const foreign = await foreignGuests(prefix).catch(() => []);
    if (foreign.length === 0) return [remains];
    return [
      remains,
      {
        ok: false,
        what: `prefix ${prefix}: names free on z/VM`,
        detail: `${shorten(foreign)} in z/VM's directory, unknown to Feilong`,
        todo: 'Guests of somebody else, by the form of their names: take another prefix.',
      },
    ];
  }

  /** Guests of z/VM's directory that no sweep touches, and that share the prefix; none where Feilong is too old to tell. */
  async function foreignGuests(prefix: string): Promise<string[]> {
    const onHost = (await client.find('/host/guests', guestsSchema)) ?? [];
    const swept = new Set(await backend.findStrays({ backend: options.name, prefix }));
    return onHost
      .map((userid) => userid.toUpperCase())
      .filter((userid) => userid.startsWith(prefix.toUpperCase()) && !swept.has(userid));
  }
}

async function check(what: string, look: () => Promise<string>): Promise<BackendCheck> {
  try {
    return { ok: true, what, detail: await look(), todo: '' };
  } catch (error) {
    const known = error instanceof SidegateError;
    return {
      ok: false,
      what,
      detail: known ? error.detail : errorText(error),
      todo: known ? error.todo : 'See the detail.',
    };
  }
}

function shorten(guests: readonly string[]): string {
  return guests.length <= 5 ? guests.join(', ') : `${guests.slice(0, 5).join(', ')} and ${guests.length - 5} more`;
}

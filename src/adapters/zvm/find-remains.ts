import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import { isWorkerUserid } from '../../domain/slot.ts';
import type { MadeInSlot } from '../../ports/backend.ts';
import type { FeilongClient } from './client.ts';
import { guestsSchema } from './schema.ts';

export interface Search {
  /** Its name, for errors. */
  readonly backend: string;
  readonly prefix: string;
  readonly made: MadeInSlot;
}

/** `orphan`: in z/VM's directory, unknown to Feilong. */
export interface Remain {
  readonly kind: 'guest' | 'orphan' | 'image';
  readonly name: string;
}

/** A shorter prefix would sweep guests that are none of ours. */
const minPrefix = 2;

/** Every guest of the prefix that Feilong knows; what only z/VM knows, where it has the form of our names; images the worker imported. */
export async function findRemains(client: FeilongClient, search: Search): Promise<readonly Remain[]> {
  const prefix = search.prefix.toUpperCase();
  if (prefix.length < minPrefix) {
    throw new SidegateError(
      'backend-refused',
      `${search.backend}: "${prefix}" is too short for a prefix of guests, ${minPrefix} characters are the least.`,
    );
  }
  const known = upperCase(await client.get('/guests', guestsSchema)).filter((userid) => userid.startsWith(prefix));
  const [orphans, images] = await Promise.all([findOrphans(client, search, known), findImages(client, search.made)]);
  return [...known.map((name): Remain => ({ kind: 'guest', name })), ...orphans, ...images];
}

/** A crash of Feilong in the middle of a create leaves an entry in z/VM's directory that Feilong's database has not. */
async function findOrphans(
  client: FeilongClient,
  { prefix, made }: Search,
  known: readonly string[],
): Promise<readonly Remain[]> {
  const onHost = await client.find('/host/guests', guestsSchema);
  const ledger = upperCase(made.guests);
  const unknown = (userid: string) => !known.includes(userid);
  const orphans = onHost
    ? upperCase(onHost).filter((userid) => ledger.includes(userid) || isWorkerUserid(userid, prefix.toUpperCase()))
    : await askEach(client, ledger.filter(unknown));
  return orphans.filter(unknown).map((name): Remain => ({ kind: 'orphan', name }));
}

/** Feilong before 1.6 lists no directory; but a guest of it is refused (404), one that is nowhere is deleted with success. */
async function askEach(client: FeilongClient, userids: readonly string[]): Promise<readonly string[]> {
  const refused = await Promise.all(
    userids.map(async (userid) => ((await client.isRefused('DELETE', `/guests/${userid}`, 404)) ? [userid] : [])),
  );
  return refused.flat();
}

const imagesSchema = z.array(z.object({ imagename: z.string().max(200) }));

async function findImages(client: FeilongClient, { images }: MadeInSlot): Promise<readonly Remain[]> {
  if (images.length === 0) return [];
  const present = new Set((await client.get('/images', imagesSchema)).map(({ imagename }) => imagename));
  return images.filter((name) => present.has(name)).map((name): Remain => ({ kind: 'image', name }));
}

function upperCase(userids: readonly string[]): readonly string[] {
  return userids.map((userid) => userid.toUpperCase());
}

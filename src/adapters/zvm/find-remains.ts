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

/** Userids, upper case. */
interface Seen {
  /** Guests that Feilong knows. */
  readonly known: readonly string[];
  /** z/VM's directory; undefined: this Feilong does not show it. */
  readonly onHost: readonly string[] | undefined;
}

/** Every guest of the prefix that Feilong knows; what only z/VM knows, where it has the form of our names; images the worker imported. */
export async function findRemains(client: FeilongClient, search: Search): Promise<readonly Remain[]> {
  const prefix = checkPrefix(search);
  const [seen, images] = await Promise.all([lookAtGuests(client), findImages(client, search.made)]);
  const ledger = upperCase(search.made.guests);
  const unlisted = seen.onHost === undefined ? await askEach(client, ledger.filter(unknownTo(seen.known))) : [];
  return [...guestsOf(seen, prefix, ledger), ...unlisted.map((name): Remain => ({ kind: 'orphan', name })), ...images];
}

/** The same for slots nobody uses, where nothing is known to have been made. */
export async function findStrays(
  client: FeilongClient,
  backend: string,
  prefixes: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (prefixes.length === 0) return new Map();
  const checked = prefixes.map((prefix) => [prefix, checkPrefix({ backend, prefix })] as const);
  const seen = await lookAtGuests(client);
  return new Map(checked.map(([prefix, upper]) => [prefix, guestsOf(seen, upper, []).map(({ name }) => name)]));
}

function checkPrefix({ backend, prefix }: Pick<Search, 'backend' | 'prefix'>): string {
  if (prefix.length >= minPrefix) return prefix.toUpperCase();
  throw new SidegateError(
    'backend-refused',
    `${backend}: "${prefix}" is too short for a prefix of guests, ${minPrefix} characters are the least.`,
  );
}

async function lookAtGuests(client: FeilongClient): Promise<Seen> {
  const [known, onHost] = await Promise.all([
    client.get('/guests', guestsSchema),
    client.find('/host/guests', guestsSchema),
  ]);
  return { known: upperCase(known), onHost: onHost && upperCase(onHost) };
}

/** A crash of Feilong in the middle of a create leaves an entry in z/VM's directory that Feilong's database has not. */
function guestsOf({ known, onHost = [] }: Seen, prefix: string, ledger: readonly string[]): readonly Remain[] {
  const orphans = onHost.filter((userid) => ledger.includes(userid) || isWorkerUserid(userid, prefix));
  return [
    ...known.filter((userid) => userid.startsWith(prefix)).map((name): Remain => ({ kind: 'guest', name })),
    ...orphans.filter(unknownTo(known)).map((name): Remain => ({ kind: 'orphan', name })),
  ];
}

function unknownTo(known: readonly string[]): (userid: string) => boolean {
  return (userid) => !known.includes(userid);
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

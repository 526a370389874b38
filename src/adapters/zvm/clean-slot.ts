import { errorText } from '../../domain/errors.ts';
import type { CleanRound } from '../../ports/backend.ts';
import { adoptGuest } from './adopt-guest.ts';
import type { FeilongClient } from './client.ts';
import { findRemains } from './find-remains.ts';
import type { Remain, Search } from './find-remains.ts';

/** Looks for what is in the slot and removes each by itself: what is locked keeps nothing else. */
export async function cleanSlot(client: FeilongClient, search: Search): Promise<CleanRound> {
  const remains = await findRemains(client, search);
  const results = await Promise.allSettled(remains.map((remain) => remove(client, remain)));
  return {
    found: remains.map(textOf),
    trouble: results.flatMap((result) => (result.status === 'rejected' ? [errorText(result.reason)] : [])).join('; '),
  };
}

/** Removing what is gone is a success. A guest that only z/VM knows would be refused (404) until it is adopted. */
async function remove(client: FeilongClient, { kind, name }: Remain): Promise<void> {
  if (kind === 'image') return client.delete(`/images/${encodeURIComponent(name)}`);
  if (kind === 'orphan') await adoptGuest(client, name);
  await client.delete(`/guests/${encodeURIComponent(name)}`);
}

function textOf({ kind, name }: Remain): string {
  if (kind === 'guest') return name;
  return kind === 'orphan' ? `${name} (unknown to Feilong)` : `image ${name}`;
}

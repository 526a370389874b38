import { errorText } from '../domain/errors.ts';
import type { Cloud, MarkedResource } from '../ports/cloud.ts';
import type { KnownLeftover, Leftover } from '../ports/leftover-store.ts';
import type { Flow } from './context.ts';

/** After this long an ordinary deletion is not enough (ms). */
const forceAfter = 3 * 60_000;
/** A leftover that is still there after this long is told to the operator (ms). */
const patience = 10 * 60_000;

export type LeftoverNeeds = Pick<Flow, 'store' | 'logger' | 'installation'>;

/**
 * Asks for the deletion of each leftover, whatever becomes of the others, and looks once more: only what is gone then, or at a later
 * round, counts as deleted. Returns those that are still there.
 */
export async function deleteLeftovers(
  flow: LeftoverNeeds,
  cloud: Cloud,
  leftovers: readonly MarkedResource[],
): Promise<readonly KnownLeftover[]> {
  await noteSeen(flow, cloud, leftovers);
  if (leftovers.length > 0) {
    const known = new Map((await flow.store.leftovers(cloud.name)).map((leftover) => [keyOf(leftover), leftover]));
    for (const leftover of leftovers)
      await tryToDelete(flow, { cloud, leftover, age: known.get(keyOf(leftover))?.age });
    const there = new Set((await cloud.listMarked(flow.installation)).map(keyOf));
    await noteSeen(
      flow,
      cloud,
      leftovers.filter((leftover) => there.has(keyOf(leftover))),
    );
  }
  const left = await flow.store.leftovers(cloud.name);
  await tellStuck(flow, cloud, left);
  return left;
}

async function noteSeen({ store }: LeftoverNeeds, cloud: Cloud, seen: readonly Leftover[]): Promise<void> {
  const { deleted } = await store.saveLeftovers(cloud.name, seen);
  for (const { kind } of deleted) await store.count('leftovers_deleted', kind);
}

async function tryToDelete(
  { store, logger }: LeftoverNeeds,
  { cloud, leftover, age = 0 }: { cloud: Cloud; leftover: MarkedResource; age: number | undefined },
): Promise<void> {
  const { kind, id, name } = leftover;
  logger.warn({ cloud: cloud.name, kind, id, name }, 'a leftover is deleted');
  let trouble = '';
  try {
    await cloud.deleteMarked(leftover, age > forceAfter);
  } catch (error) {
    trouble = errorText(error);
    logger.warn({ cloud: cloud.name, kind, id, err: trouble }, 'a leftover could not be deleted and is tried again');
  }
  await store.saveLeftoverAttempt(cloud.name, leftover, trouble);
}

async function tellStuck({ store }: LeftoverNeeds, { name }: Cloud, left: readonly KnownLeftover[]): Promise<void> {
  const stuck = left.filter(({ age, attempts }) => age > patience && attempts > 1);
  if (stuck.length === 0) return store.closeNotice('leftover-stuck', name);
  const list = stuck.map((each) => `${leftoverText(each)}${each.detail === '' ? '' : `: ${each.detail}`}`).join('; ');
  await store.saveNotice({ code: 'leftover-stuck', subject: name, text: `${stuck.length} on ${name}: ${list}` });
}

export function leftoverText({ kind, name, id }: Leftover): string {
  return `${kind} ${name} (${id})`;
}

function keyOf({ kind, id }: Leftover): string {
  return `${kind} ${id}`;
}

import { SidegateError } from '../domain/errors.ts';
import type { Settings } from '../domain/settings.ts';
import { workerPrefix } from '../domain/slot.ts';
import type { LeasedSlot } from '../domain/slot.ts';
import type { GuardLedger } from '../ports/guard.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

type Noted = Parameters<GuardLedger['note']>[0];

/** What a worker makes, in the database. State first, effect second: what is not written down is not made. */
export function slotLedger({ store, settings }: Flow, slot: LeasedSlot): GuardLedger {
  const feilong = feilongOf(settings, slot.backend);
  return {
    note: (entry) => (entry.kind === 'image' ? noteImage(store, slot, entry, feilong) : note(store, slot, entry)),
    settle: (entry, state) => store.settleInLedger(slot, entry, state),
    isOver: async () => !(await store.isLeased(slot)),
    ownsImage: async (name) =>
      (await store.ledgerOf(slot)).some((entry) => entry.kind === 'image' && entry.name === name),
  };
}

async function note(store: Store, slot: LeasedSlot, { memory, disk, ...entry }: Noted): Promise<void> {
  if (await store.noteInLedger(slot, entry, { memory, disk })) return;
  throw new SidegateError('lease-over', `${workerPrefix(slot)} on ${slot.backend}`);
}

/**
 * Images have bare Glance ids, and Feilong one namespace of them. With the same id in two ledgers the sweep of one slot would delete what
 * the other one uses.
 */
function noteImage(store: Store, slot: LeasedSlot, entry: Noted, feilong: Feilong): Promise<void> {
  return store.transaction(async (tx) => {
    await tx.lock(`image ${feilong.url} ${entry.name}`);
    const other = await tx.otherSlotWithImage(slot, entry.name, feilong.backends);
    if (other) throw new SidegateError('image-taken', `${entry.name} in the slot ${other.prefix} on ${other.backend}.`);
    await note(tx, slot, entry);
  });
}

interface Feilong {
  readonly url: string;
  /** All that are behind it. */
  readonly backends: readonly string[];
}

function feilongOf({ backends }: Settings, name: string): Feilong {
  const driver = backends.find((backend) => backend.name === name)?.driver;
  if (driver?.kind !== 'feilong') throw new Error(`the back end ${name} is behind no Feilong`);
  const { url } = driver;
  const same = backends.filter((backend) => backend.driver.kind === 'feilong' && backend.driver.url === url);
  return { url, backends: same.map((backend) => backend.name) };
}

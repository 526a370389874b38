import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { SlotName } from '../domain/slot.ts';
import type { MadeInSlot } from '../ports/backend.ts';
import type { LedgerRecord, SlotRecord } from '../ports/slot-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const atOnce = 10;
/** Rounds of look and remove until nothing is found. */
const rounds = 5;
const pauseBetweenRounds = 200;
/** Until a slot that could not be cleaned is tried again, doubled with each try (ms). */
const firstPause = 5000;
const longestPause = 5 * 60_000;
/** What may still be made by a request nobody heard the end of is waited for so often (ms). */
const pendingPause = 2000;

/** 8. Sweeps slots whose build is over, whose guard is closed and whose worker is gone; one that cannot be cleaned stays out of use and is tried again. */
export async function sweepSlots(flow: Flow): Promise<boolean> {
  const slots = await flow.store.claimDirtySlots(atOnce);
  await Promise.all(slots.map((slot) => sweepDirtySlot(flow, slot)));
  return slots.length === atOnce;
}

async function sweepDirtySlot(flow: Flow, slot: SlotRecord): Promise<void> {
  const subject = `${slot.backend} ${slot.prefix}`;
  try {
    await sweepSlot(flow, slot);
    await flow.store.saveSlotClean(slot);
    await flow.store.closeNotice('slot-dirty', subject);
  } catch (error) {
    const text = errorText(error);
    flow.logger.warn({ backend: slot.backend, prefix: slot.prefix, err: text }, 'a slot could not be swept');
    if (errorCode(error) === 'slot-pending') return flow.store.saveSlotDetail(slot, text, pendingPause);
    await flow.store.saveSlotDetail(slot, text, Math.min(firstPause * 2 ** slot.sweepAttempts, longestPause));
    if (errorCode(error) === 'slot-dirty') await flow.store.saveNotice({ code: 'slot-dirty', subject, text });
  }
}

/**
 * Removes what builds left in the slot until nothing is found. Throws `slot-dirty` naming what stays and why, `slot-pending` while a
 * request that nobody heard the end of may still make something: a guest was seen to appear seven seconds after its purge.
 */
export async function sweepSlot(flow: Flow, slot: SlotName): Promise<void> {
  const backend = flow.backends.get(slot.backend);
  if (!backend) throw new SidegateError('config-invalid', `the back end ${slot.backend} is no longer configured`);
  const ledger = await flow.store.ledgerOf(slot);
  const made = madeIn(ledger);
  for (let round = 1; ; round += 1) {
    const { found, trouble } = await backend.cleanSlot(slot, made);
    if (found.length === 0) return refusePending(slot, ledger);
    if (round === rounds) throw new SidegateError('slot-dirty', `${found.join(', ')} on ${slot.backend}. ${trouble}`);
    if (trouble !== '') await sleep(pauseBetweenRounds);
  }
}

function refusePending({ backend, prefix }: SlotName, ledger: readonly LedgerRecord[]): void {
  const pending = ledger.filter((entry) => entry.pending).map(({ name }) => name);
  if (pending.length === 0) return;
  throw new SidegateError('slot-pending', `${pending.join(', ')} in ${prefix} on ${backend}`);
}

function madeIn(ledger: readonly LedgerRecord[]): MadeInSlot {
  const namesOf = (kind: LedgerRecord['kind']) => ledger.filter((entry) => entry.kind === kind).map(({ name }) => name);
  return { guests: namesOf('guest'), images: namesOf('image') };
}

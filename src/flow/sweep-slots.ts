import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { SlotName } from '../domain/slot.ts';
import type { Backend } from '../ports/backend.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const atOnce = 10;
/** Rounds of list and delete until a list is empty. */
const rounds = 5;
const pauseBetweenRounds = 200;

/** 8. Sweeps slots whose build is over and whose worker is gone; a slot that cannot be cleaned stays out of use and is tried again. */
export async function sweepSlots(flow: Flow): Promise<boolean> {
  const slots = await flow.store.claimDirtySlots(atOnce);
  await Promise.all(slots.map((slot) => sweepDirtySlot(flow, slot)));
  return slots.length === atOnce;
}

async function sweepDirtySlot(flow: Flow, slot: SlotName): Promise<void> {
  try {
    await sweepSlot(flow, slot);
    await flow.store.saveSlotClean(slot);
    await flow.store.closeNotice('slot-dirty', `${slot.backend} ${slot.prefix}`);
  } catch (error) {
    flow.logger.warn({ ...slot, err: errorText(error) }, 'a slot could not be swept and is tried again');
    await flow.store.saveSlotDetail(slot, errorText(error));
    if (errorCode(error) !== 'slot-dirty') return;
    await flow.store.saveNotice({
      code: 'slot-dirty',
      subject: `${slot.backend} ${slot.prefix}`,
      text: errorText(error),
    });
  }
}

/** Deletes every guest of the slot's prefix until none is listed. Throws `slot-dirty` naming those that stay. */
export async function sweepSlot(flow: Flow, slot: SlotName): Promise<void> {
  const backend = flow.backends.get(slot.backend);
  if (!backend) throw new SidegateError('config-invalid', `the back end ${slot.backend} is no longer configured`);
  let trouble = '';
  for (let round = 0; round < rounds; round += 1) {
    const guests = await backend.listGuests(slot.prefix);
    if (guests.length === 0) return;
    trouble = await deleteGuests(backend, guests);
    if (trouble !== '') await sleep(pauseBetweenRounds);
  }
  const left = await backend.listGuests(slot.prefix);
  if (left.length > 0) throw new SidegateError('slot-dirty', `${left.join(', ')} on ${slot.backend}. ${trouble}`);
}

async function deleteGuests(backend: Backend, guests: readonly string[]): Promise<string> {
  const results = await Promise.allSettled(guests.map((guest) => backend.deleteGuest(guest)));
  return results.flatMap((result) => (result.status === 'rejected' ? [errorText(result.reason)] : [])).join('; ');
}

import { SidegateError, errorText } from '../domain/errors.ts';
import type { SlotHold } from '../ports/backend.ts';
import type { BuildLease } from '../ports/build-store.ts';
import { slotClaimTime } from '../ports/slot-store.ts';
import type { SlotClaim } from '../ports/slot-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const renewPause = slotClaimTime / 6;

export interface HeldSlot {
  readonly claim: SlotClaim;
  /** Of the build that has the slot; undefined: nobody has it. */
  readonly lease?: BuildLease;
  /** The work shall stop. */
  readonly signal: AbortSignal;
}

/**
 * Works on a claimed slot and keeps the claim meanwhile. Throws `cancelled` when it was told to stop, `stale-epoch` when somebody else has
 * the slot, whatever the work made of that.
 */
export async function holdSlot<T>(flow: Flow, held: HeldSlot, work: (hold: SlotHold) => Promise<T>): Promise<T> {
  const [lost, ended] = [new AbortController(), new AbortController()];
  const renew = async () => {
    const isOurs = await flow.store.renewSlotClaim(held.claim, held.lease);
    if (!isOurs) lost.abort();
    return isOurs;
  };
  const keeping = keepClaim(flow, held.claim, { renew, signal: ended.signal });
  try {
    return await work({ renew, signal: AbortSignal.any([held.signal, lost.signal]) });
  } catch (error) {
    const { backend, prefix } = held.claim;
    if (lost.signal.aborted) throw new SidegateError('stale-epoch', `slot ${backend} ${prefix}`, { cause: error });
    if (held.signal.aborted) throw new SidegateError('cancelled', `slot ${backend} ${prefix}`, { cause: error });
    throw error;
  } finally {
    ended.abort();
    await keeping;
  }
}

/** A script renews for itself too: what it may do hangs on the answer. */
async function keepClaim(
  { logger }: Flow,
  { backend, prefix }: SlotClaim,
  { renew, signal }: { renew: () => Promise<boolean>; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await sleep(renewPause, signal);
    if (signal.aborted) return;
    await renew().catch((error: unknown) => {
      logger.warn({ backend, prefix, err: errorText(error) }, 'the claim on a slot could not be renewed');
    });
  }
}

import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { SlotName } from '../domain/slot.ts';
import type { MadeInSlot, SlotHold } from '../ports/backend.ts';
import type { LedgerRecord, SlotClaim, SlotRecord } from '../ports/slot-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { holdSlot } from './hold-slot.ts';

/** Of all back ends; scripts can be slow, and must not keep the others waiting. */
const atOnce = 20;
/** What the operator is told of a sweep; a back end that does not answer has a notice of its own. */
const told = ['slot-dirty', 'command-failed'] as const;
/** Rounds of look and remove until nothing is found. */
const rounds = 5;
const pauseBetweenRounds = 200;
/** Until a slot that could not be cleaned is tried again, doubled with each try (ms). */
const firstPause = 5000;
const longestPause = 5 * 60_000;
/** What may still be made by a request nobody heard the end of is waited for so often (ms). */
const pendingPause = 2000;

export interface SlotSweeper {
  /** Begins the sweeps that are due and does not wait for them: a script may take hours. True: there may be more. */
  begin(): Promise<boolean>;
  /** Resolves when no sweep is at work. */
  ended(): Promise<unknown>;
}

/**
 * 8. Sweeps slots whose build is over, whose guard is closed and whose worker is gone; one that cannot be cleaned stays out of use and is
 * tried again. The signal stops what is at work.
 */
export function createSlotSweeper(flow: Flow, signal: AbortSignal): SlotSweeper {
  const running = new Set<Promise<void>>();
  return {
    begin: async () => {
      if (running.size >= atOnce) await Promise.race(running);
      const room = atOnce - running.size;
      const slots = signal.aborted ? [] : await flow.store.claimDirtySlots(room);
      for (const slot of slots) {
        const sweep = sweepDirtySlot(flow, slot, signal).finally(() => running.delete(sweep));
        running.add(sweep);
      }
      return slots.length === room;
    },
    ended: () => Promise.all(running),
  };
}

/** Never rejects. When its end cannot be noted, the claim runs out and the slot is swept again. */
async function sweepDirtySlot(flow: Flow, slot: SlotRecord & SlotClaim, signal: AbortSignal): Promise<void> {
  const about = { backend: slot.backend, prefix: slot.prefix };
  try {
    await saveSweep(
      flow,
      slot,
      await troubleOf(() => holdSlot(flow, { claim: slot, signal }, (hold) => sweepSlot(flow, slot, hold))),
    );
  } catch (error) {
    flow.logger.warn(
      { ...about, err: errorText(error) },
      'the end of a sweep could not be noted; the slot is swept again',
    );
  }
}

async function troubleOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error ?? 'unknown';
  }
}

async function saveSweep(flow: Flow, slot: SlotRecord & SlotClaim, trouble: unknown): Promise<void> {
  const { backend, prefix } = slot;
  const subject = `${backend} ${prefix}`;
  if (trouble === undefined) {
    await flow.store.saveSlotClean(slot);
    for (const code of told) await flow.store.closeNotice(code, subject);
    return;
  }
  const [code, text] = [errorCode(trouble), errorText(trouble)];
  if (code === 'stale-epoch') return;
  if (code === 'cancelled') return flow.store.releaseSlotClaim(slot);
  flow.logger.warn({ backend, prefix, err: text }, 'a slot could not be swept');
  const failed = code !== 'slot-pending';
  const pause = failed ? Math.min(firstPause * 2 ** slot.sweepAttempts, longestPause) : pendingPause;
  await flow.store.saveSlotDetail(slot, { detail: text, pause, failed });
  if (!failed) return;
  for (const one of told) {
    if (one === code) await flow.store.saveNotice({ code, subject, text });
    else await flow.store.closeNotice(one, subject);
  }
}

/**
 * Removes what builds left in the slot until nothing is found, and answers what that was. Throws `slot-dirty` naming what stays and why, `slot-pending` while a
 * request that nobody heard the end of may still make something: a guest was seen to appear seven seconds after its purge.
 */
export async function sweepSlot(flow: Flow, slot: SlotName, hold: SlotHold): Promise<readonly string[]> {
  const backend = flow.backends.get(slot.backend);
  if (!backend) throw new SidegateError('config-invalid', `the back end ${slot.backend} is no longer configured`);
  const ledger = await flow.store.ledgerOf(slot);
  const made = madeIn(ledger);
  const removed = new Set<string>();
  for (let round = 1; ; round += 1) {
    // Before each: a process that was frozen meanwhile must not sweep what the next build makes.
    if (hold.signal.aborted || !(await hold.renew())) throw new SidegateError('cancelled', `sweep of ${slot.prefix}`);
    const { found, trouble } = await backend.cleanSlot(slot, made, hold);
    if (found.length === 0) {
      refusePending(slot, ledger);
      return [...removed];
    }
    for (const name of found) removed.add(name);
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

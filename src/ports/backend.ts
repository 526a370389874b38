import type { LeasedSlot, SlotName } from '../domain/slot.ts';

/** The right to work on a slot. It runs out by itself: a dead or frozen process has it no longer. */
export interface SlotHold {
  /** Takes it for another `slotClaimTime`. False: somebody else has the slot, what works on it must stop. */
  renew(): Promise<boolean>;
  /** Fires when the work shall stop. */
  readonly signal: AbortSignal;
}

/** The real thing a job tests on. Throws SidegateError with a `backend-*` code; calls are bounded in time. */
export interface Backend {
  readonly name: string;
  /** Resolves when it is well; throws what is wrong otherwise. HTTP 200 with overallRC other than 0 is an error. */
  checkHealth(): Promise<BackendHealth>;
  /** Makes a clean slot ready for a build. Answers variables for its job. May be asked again. */
  prepareSlot(slot: LeasedSlot, build: string, hold: SlotHold): Promise<Readonly<Record<string, string>>>;
  /** One round: looks for what builds left in the slot and removes it. What cannot be looked at is an error, never "nothing". */
  cleanSlot(slot: SlotName, made: MadeInSlot, hold: SlotHold): Promise<CleanRound>;
  /** What is there in slots nobody uses, by prefix; with one look at the system for all of them. */
  findStrays(prefixes: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** What is known to have been made in a slot, whether it is still there or not. */
export interface MadeInSlot {
  readonly guests: readonly string[];
  readonly images: readonly string[];
}

/** Nothing found: the slot is clean. */
export interface CleanRound {
  readonly found: readonly string[];
  /** Why what was found could not be removed; empty: it was. */
  readonly trouble: string;
}

export interface BackendHealth {
  /** For people: name of the system, versions, what is free. */
  readonly text: string;
  /** MiB and GiB; undefined where it does not tell. */
  readonly free: { readonly memory: number; readonly disk: number } | undefined;
}

import type { BackendSettings } from '../domain/settings.ts';
import type { LeasedSlot, SlotName } from '../domain/slot.ts';
import type { BuildLease } from './build-store.ts';

export interface SlotRecord extends LeasedSlot {
  readonly state: 'free' | 'leased' | 'dirty';
  readonly build: string | undefined;
  /** Sweeps that failed since the lease ended. */
  readonly sweepAttempts: number;
}

/** How long a claim on a slot lasts when it is not renewed (ms). */
export const slotClaimTime = 15_000;

/** The right to prepare or sweep a slot. */
export interface SlotClaim extends SlotName {
  readonly claim: string;
}

/** A slot that has to have a guard, or has one of this process. */
export interface GuardedSlot extends LeasedSlot {
  readonly build: string;
  /** Of the worker. */
  readonly address: string;
  /** Where an earlier holder listened; the worker was told. */
  readonly port: number | undefined;
  readonly logPath: string;
}

/** Something a worker makes on z/VM. */
export interface LedgerEntry {
  readonly kind: 'guest' | 'image';
  readonly name: string;
}

export interface LedgerRecord extends LedgerEntry {
  /** It may still be made: Feilong's answer is not known, and the request is young. */
  readonly pending: boolean;
}

export interface BackendState {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
  /** `since`: ms since 1970. */
  readonly drained: { readonly by: string; readonly reason: string; readonly since: number } | undefined;
  /** What was free at the last look, less what workers may still take; undefined: it does not tell. */
  readonly free: { readonly memory: number; readonly disk: number } | undefined;
}

export interface SlotStore {
  /** Makes the slots those of the configuration. A slot in use that is no longer configured is swept, then left alone. */
  saveConfiguredSlots(backends: readonly BackendSettings[]): Promise<void>;
  slots(): Promise<readonly SlotRecord[]>;
  /**
   * Dirty slots whose guard is closed and whose worker is gone, or was never ready and so never had a job, and that nobody works on;
   * claims them.
   */
  claimDirtySlots(limit: number): Promise<readonly (SlotRecord & SlotClaim)[]>;
  /** The build's own slot. Undefined: somebody works on it whose claim has not run out; or the lease is over. */
  claimLeasedSlot(slot: SlotName, lease: BuildLease): Promise<SlotClaim | undefined>;
  /** Another `slotClaimTime` from now on. False: somebody else has it, or the build's lease is over. */
  renewSlotClaim(claim: SlotClaim, lease?: BuildLease): Promise<boolean>;
  releaseSlotClaim(claim: SlotClaim): Promise<void>;
  /** A slot found with guests while it is free. */
  markSlotDirty(slot: SlotName, detail: string): Promise<void>;
  /** Its ledger ends with it, and so does the claim. Nothing happens when somebody else has the slot by now. */
  saveSlotClean(claim: SlotClaim): Promise<void>;
  /** A sweep that failed: tried again after `pause` (ms). Ends the claim. Nothing happens when somebody else has the slot by now. */
  saveSlotDetail(claim: SlotClaim, why: SweepTrouble): Promise<void>;
}

export interface SweepTrouble {
  readonly detail: string;
  /** Until the next try (ms). */
  readonly pause: number;
  /** False: it only has to wait a little longer. */
  readonly failed: boolean;
}

export interface LedgerStore {
  /** Written before Feilong is asked. False when the lease is over: then it must not be asked. */
  noteInLedger(slot: LeasedSlot, entry: LedgerEntry, takes: { memory: number; disk: number }): Promise<boolean>;
  settleInLedger(slot: SlotName, entry: LedgerEntry, state: 'made' | 'unknown' | 'refused' | 'deleted'): Promise<void>;
  ledgerOf(slot: SlotName): Promise<readonly LedgerRecord[]>;
  /** Another slot of these back ends that has the image in its ledger; undefined: none. */
  otherSlotWithImage(slot: SlotName, image: string, backends: readonly string[]): Promise<SlotName | undefined>;
}

export interface GuardStore extends LedgerStore {
  /** Slots whose worker may use them and that nobody who lives guards, of these back ends. */
  slotsToGuard(backends: readonly string[]): Promise<readonly GuardedSlot[]>;
  /** Where the guard of this lease listens; undefined: nowhere yet. */
  guardUrl(slot: LeasedSlot): Promise<string | undefined>;
  /** How often it was opened: more than once means that the worker could not reach Feilong in between. */
  guardOpens(slot: LeasedSlot): Promise<number>;
  /** False when the lease is over or somebody else who lives has the guard. */
  saveGuard(slot: LeasedSlot, guard: { holder: string; url: string; port: number }): Promise<boolean>;
  /** The slots this process guards whose lease is over. */
  endedGuards(holder: string): Promise<readonly LeasedSlot[]>;
  /** Everything that went through it has ended. */
  saveGuardClosed(slot: LeasedSlot, holder: string): Promise<void>;
  isLeased(slot: LeasedSlot): Promise<boolean>;
}

export interface BackendStore {
  backendStates(): Promise<readonly BackendState[]>;
  saveBackendHealth(
    backend: string,
    health: {
      readonly healthy: boolean;
      readonly detail: string;
      readonly free?: { readonly memory: number; readonly disk: number } | undefined;
    },
  ): Promise<void>;
  /** What was wrong with the back end at any time since `since` (ms since 1970); undefined: nothing. */
  outageSince(backend: string, since: number): Promise<string | undefined>;
  /** Gives it no more builds. False: there is none of this name, or it is no longer configured. */
  drainBackend(backend: string, by: string, reason: string): Promise<boolean>;
  /** False: it was not drained. */
  resumeBackend(backend: string): Promise<boolean>;
}

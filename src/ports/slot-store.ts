import type { BackendSettings } from '../domain/settings.ts';
import type { SlotName } from '../domain/slot.ts';

export interface SlotRecord extends SlotName {
  readonly state: 'free' | 'leased' | 'dirty';
  readonly build: string | undefined;
}

export interface SlotStore {
  /** Makes the slots those of the configuration. A slot in use that is no longer configured is swept, then left alone. */
  saveConfiguredSlots(backends: readonly BackendSettings[]): Promise<void>;
  slots(): Promise<readonly SlotRecord[]>;
  /** Dirty slots whose worker is gone, or was never ready and so never had a job, and that nobody tried within the last seconds; claims them for that long. */
  claimDirtySlots(limit: number): Promise<readonly SlotRecord[]>;
  /** A slot found with guests while it is free. */
  markSlotDirty(slot: SlotName, detail: string): Promise<void>;
  saveSlotClean(slot: SlotName): Promise<void>;
  saveSlotDetail(slot: SlotName, detail: string): Promise<void>;
  saveBackendHealth(backend: string, health: { readonly healthy: boolean; readonly detail: string }): Promise<void>;
  sickBackends(): Promise<ReadonlyMap<string, string>>;
  /** What was wrong with the back end at any time since `since` (ms since 1970); undefined: nothing. */
  outageSince(backend: string, since: number): Promise<string | undefined>;
}

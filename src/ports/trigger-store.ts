import type { PatchsetKind } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';

/** What decisions need to know beyond the event. */
export interface TriggerStore {
  /** Puts the event, and with it all later ones of its change, off until the files of its patchset were read. */
  askForFiles(eventId: string): Promise<void>;
  /** Events whose files shall be read now, for this caller for a minute: when it dies, another one reads them. */
  claimFileReads(limit: number): Promise<readonly FileRead[]>;
  /** Lets the event be decided. Empty: Gerrit does not say. */
  saveFiles(eventId: string, files: readonly string[]): Promise<void>;
  /** Tries again after `pause` (ms); `reason` is shown meanwhile. */
  putOffFileRead(eventId: string, pause: number, reason: string): Promise<void>;
  /**
   * The older patchset whose result counts for this one: all patchsets after it, up to this one, are of these kinds and were not run, and its
   * last run in the pipeline passed or failed. Undefined: there is none, or it is still queued or running.
   */
  findKeptVerdict(patchset: Patchset, pipeline: string, kinds: readonly PatchsetKind[]): Promise<number | undefined>;
}

export interface FileRead {
  readonly eventId: string;
  readonly connection: string;
  readonly patchset: Patchset;
  /** Number of this try, from 1. */
  readonly tries: number;
}

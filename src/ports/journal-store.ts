import type { EventSource, ReviewEvent } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';

export interface HeardEvent {
  readonly connection: string;
  readonly key: string;
  readonly source: EventSource;
  readonly event: ReviewEvent;
}

export interface JournaledEvent extends HeardEvent {
  readonly id: string;
  /** Of its patchset; undefined: nobody read them. */
  readonly files: readonly string[] | undefined;
}

export interface DecidedEvent {
  readonly eventId: string;
  readonly decision: 'started' | 'aborted' | 'ignored';
  readonly reason: string;
}

export interface ConnectionState {
  readonly state: 'connected' | 'connecting' | 'failed';
  readonly detail: string;
}

export interface JournalStore {
  /** Commits events; those that were heard before are left out. Returns how many were new. */
  appendEvents(events: readonly HeardEvent[]): Promise<number>;
  /** Those of these keys that are in the journal, also as the other view of a comment. */
  knownKeys(connection: string, keys: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * The oldest events without a decision, locked for this transaction; those another process is deciding are left out, and those that wait
   * for files with all later ones of the same change.
   */
  undecidedEvents(limit: number): Promise<readonly JournaledEvent[]>;
  /** What became of an event, and the pipelines it started. */
  decisionOf(
    connection: string,
    key: string,
  ): Promise<{ readonly decision: string; readonly reason: string; readonly runs: readonly string[] }>;
  recordDecisions(decided: readonly DecidedEvent[]): Promise<void>;
  /** Up to when (ms since 1970) everything of this connection is known; undefined for a new connection. */
  heardUntil(connection: string): Promise<number | undefined>;
  /** When Gerrit told of the oldest event that is known of this connection (ms since 1970); undefined: of none. */
  heardSince(connection: string): Promise<number | undefined>;
  saveHeardUntil(connection: string, until: number): Promise<void>;
  saveConnectionState(connection: string, state: ConnectionState): Promise<void>;
  /** Notes the newest patchset of a change and returns it: the given one, or a newer one that was known already. */
  saveCurrentPatchset(patchset: Patchset): Promise<number>;
}

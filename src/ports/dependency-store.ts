import type { Dependencies } from '../domain/dependencies.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { Verdict } from '../domain/verdict.ts';

/** What the patchset of a buildset is tested together with. Builds whose buildset does not know it yet are not admitted. */
export interface DependencyStore {
  /**
   * Buildsets whose dependencies shall be looked up now, for this caller for a minute: when it dies, another one does it. Those that have
   * some are looked up again from time to time, until their first build has started: then they stay as they are.
   */
  claimDependencyReads(limit: number): Promise<readonly DependencyRead[]>;
  /** Lets the builds be admitted; `again` (ms): when to look once more. Too late, it changes nothing. Only within a transaction. */
  saveDependencies(buildset: string, dependencies: Dependencies, again: number | undefined): Promise<void>;
  /** Tries again after `pause` (ms); `reason` is shown as what the builds wait for. */
  putOffDependencyRead(buildset: string, pause: number, reason: string): Promise<void>;
  /** Ends the builds of a buildset of which none has started, all with this verdict. False when one has. Only within a transaction. */
  endUnstarted(buildset: string, verdict: Verdict): Promise<boolean>;
}

export interface DependencyRead {
  readonly buildset: string;
  readonly patchset: Patchset;
  /** Number of this try since it last worked, from 1. */
  readonly tries: number;
}

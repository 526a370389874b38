import type { Dependencies } from '../domain/dependencies.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import type { Verdict } from '../domain/verdict.ts';

/** What a buildset is tested together with. Builds whose buildset does not know it yet are not admitted. */
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
  /**
   * Ends the builds of a buildset of which none has started, all or those of one job, with this verdict. Answers their log folders: none
   * when one has started. Only within a transaction.
   */
  endUnstarted(buildset: string, verdict: Verdict, job?: string): Promise<readonly string[]>;
}

export interface DependencyRead {
  readonly buildset: string;
  readonly tested: TestedRef;
  readonly jobs: readonly string[];
  /** Number of this try since it last worked, from 1. */
  readonly tries: number;
}

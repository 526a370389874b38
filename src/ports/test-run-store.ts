import type { MissingSummary } from '../domain/results/missing-summary.ts';
import type { TestProgress } from '../domain/test-progress.ts';
import type { BuildLease } from './build-store.ts';

export interface TestRunStore {
  /** Ids of all tests in the newest build of the same job on the same branch that ran to its end; undefined: there was none lately. */
  lastTests(buildId: string): Promise<{ readonly build: string; readonly tests: readonly string[] } | undefined>;
  saveMissingTests(lease: BuildLease, missing: MissingSummary): Promise<void>;
  /** How far its tests are, by the console. Live pages look at it now and then; `news` wakes them. */
  saveTestProgress(lease: BuildLease, progress: TestProgress, news: boolean): Promise<void>;
}

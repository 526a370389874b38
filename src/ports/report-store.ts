import type { Patchset } from '../domain/patchset.ts';
import type { Vote } from '../domain/vote.ts';

export interface ReportRecord {
  readonly buildset: string;
  readonly patchset: Patchset;
  readonly pipeline: string;
  readonly message: string;
  readonly tag: string;
  readonly marker: string;
  readonly vote: Vote | undefined;
  /** Attempts begun before this one: more than 0 means that Gerrit may have the comment already. */
  readonly earlierAttempts: number;
}

export interface NewReport {
  readonly buildset: string;
  readonly message: string;
  readonly tag: string;
  readonly marker: string;
  readonly vote: Vote | undefined;
  /** `held`: a person decides whether it is posted. `silent`: it never is. */
  readonly state: 'intended' | 'held' | 'silent';
}

export interface HeldReport extends Omit<NewReport, 'state' | 'marker' | 'tag'> {
  readonly patchset: Patchset;
  readonly pipeline: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Post it as it is; post it without the bad vote, as 0; never post it. */
export type ReportDecision = 'confirm' | 'downgrade' | 'drop';

export interface ReportStore {
  /** Does nothing when the buildset has a report. */
  insertReport(report: NewReport): Promise<void>;
  /** Claims reports that are due, each for some minutes, and counts the attempt. */
  claimReports(owner: string, limit: number): Promise<readonly ReportRecord[]>;
  saveReportPosted(buildset: string, outcome: string, detail: string): Promise<void>;
  /** Not posted this time: again after `delay` ms. */
  saveReportDelayed(buildset: string, delay: number, detail: string): Promise<void>;
  /** Those that wait for a person, the oldest first. */
  heldReports(): Promise<readonly HeldReport[]>;
  /** Closes the notice `report-held` of a project when none of its reports waits any more. */
  closeHeldNotice(project: string): Promise<void>;
  /** False when it does not wait any more: somebody decided before, or a newer patchset came. */
  decideReport(buildset: string, decision: ReportDecision, by: string): Promise<boolean>;
  saveReportFailed(buildset: string, detail: string): Promise<void>;
}

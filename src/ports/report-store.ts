import type { Patchset } from '../domain/patchset.ts';

export interface ReportRecord {
  readonly buildset: string;
  readonly patchset: Patchset;
  readonly pipeline: string;
  readonly message: string;
  readonly tag: string;
  readonly marker: string;
  readonly vote: { readonly label: string; readonly value: number } | undefined;
  /** Attempts begun before this one: more than 0 means that Gerrit may have the comment already. */
  readonly earlierAttempts: number;
}

export interface NewReport {
  readonly buildset: string;
  readonly message: string;
  readonly tag: string;
  readonly marker: string;
  readonly vote: { readonly label: string; readonly value: number } | undefined;
}

export interface ReportStore {
  /** Does nothing when the buildset has a report. */
  insertReport(report: NewReport): Promise<void>;
  /** Claims reports that are due, each for some minutes, and counts the attempt. */
  claimReports(owner: string, limit: number): Promise<readonly ReportRecord[]>;
  saveReportPosted(buildset: string, outcome: string, detail: string): Promise<void>;
  /** Not posted this time: again after `delay` ms. */
  saveReportDelayed(buildset: string, delay: number, detail: string): Promise<void>;
  saveReportFailed(buildset: string, detail: string): Promise<void>;
}

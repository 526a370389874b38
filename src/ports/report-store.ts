import type { Patchset } from '../domain/patchset.ts';
import type { Vote } from '../domain/vote.ts';
import type { ReportedResult } from '../domain/storm.ts';
import type { Result } from '../domain/verdict.ts';

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
  /** Why it is held; undefined: it is not. */
  readonly heldFor: HoldReason | undefined;
  /** The job of it whose failures are not reported now. */
  readonly stoppedJob: string | undefined;
}

/** A bad vote wants a person's word; the summary tab could not read the comment; a job of it fails on every change. */
export type HoldReason = 'vote' | 'unreadable' | 'stopped';

export interface HeldReport extends Omit<NewReport, 'state' | 'marker' | 'tag' | 'heldFor'> {
  readonly heldFor: HoldReason;
  readonly patchset: Patchset;
  readonly pipeline: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Post it as it is; post it without the bad vote, as 0; never post it. */
export type ReportDecision = 'confirm' | 'downgrade' | 'drop';

/** A buildset with its results; posted or not. */
export interface ReportedBuildset {
  readonly patchset: Patchset;
  readonly pipeline: string;
  /** Milliseconds since 1970. */
  readonly reportedAt: number;
  readonly builds: readonly {
    readonly job: string;
    readonly result: Result;
    readonly reason: string;
    readonly logPath: string;
  }[];
}

/** A job whose failures are not reported now. */
export interface StoppedJob {
  readonly job: string;
  readonly reason: string;
  /** Undefined: the storm brake stopped it. */
  readonly by: string | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Reports that wait for it. */
  readonly waiting: number;
}

export interface ReportStore {
  /** Does nothing when the buildset has a report. One that waits for the same patchset and pipeline is dropped: this one is newer. */
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
  /** The last report on each patchset and pipeline, silent ones included, newest first. */
  reportedBuildsets(connection: string, since: number, limit: number): Promise<readonly ReportedBuildset[]>;
  /** Last results of a job whose buildsets were reported since it was resumed, at most a week old, newest first. */
  resultsReported(job: string, limit: number): Promise<readonly ReportedResult[]>;
  stoppedJobs(): Promise<readonly StoppedJob[]>;
  /** False when its reports are stopped already. `by` undefined: the storm brake. */
  stopJob(stop: { job: string; reason: string; by: string | undefined }): Promise<boolean>;
  /** False when its reports are not stopped. */
  resumeJob(job: string, by: string): Promise<boolean>;
  /** Lets go of reports that wait for a job: to be posted, but for those that wait for a person too. */
  postStopped(job: string, by: string): Promise<void>;
  /** Drops reports that wait for a job; what they are about. */
  dropStopped(job: string, by: string): Promise<readonly { buildset: string; patchset: Patchset }[]>;
  saveReportFailed(buildset: string, detail: string): Promise<void>;
}

import type { BuildState, BuildStep } from '../domain/build.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { Result, TestCounts } from '../domain/verdict.ts';
import type { TestResult } from '../domain/test-result.ts';

/** Read side of the store: what the pages and `/api` show. Times are ISO 8601 UTC. */
export interface StatusRead {
  overview(): Promise<Overview>;
  /** Newest first. */
  builds(filter: BuildFilter): Promise<readonly BuildRow[]>;
  /** By id or by a unique first part of it (at least 7 digits). */
  build(id: string): Promise<BuildDetail | undefined>;
  /** Console bytes from `offset`, at most `limit`; what a page shows while the build runs. */
  console(id: string, offset: number, limit: number): Promise<ConsolePart | undefined>;
  /** Calls back after anything shown may have changed; the answer stops it. */
  onChange(listener: () => void): () => void;
}

export interface ConsolePart {
  readonly bytes: Buffer;
  /** Offset behind the last byte given. */
  readonly next: number;
  readonly complete: boolean;
}

export interface BuildFilter {
  readonly change?: number;
  readonly project?: string;
  readonly job?: string;
  readonly result?: Result;
  readonly limit: number;
}

export interface Overview {
  /** Configured name of this CI. */
  readonly name: string;
  readonly running: readonly BuildRow[];
  readonly waiting: readonly BuildRow[];
  /** Last finished builds, newest first. */
  readonly finished: readonly BuildRow[];
  readonly backends: readonly BackendRow[];
  readonly servers: readonly ServerRow[];
  readonly connections: readonly ConnectionRow[];
  /** Open notices to the operator, newest first. */
  readonly notices: readonly NoticeRow[];
  /** Last events with what was decided and why, newest first. */
  readonly events: readonly EventRow[];
}

export interface BuildRow {
  readonly id: string;
  readonly patchset: Patchset;
  readonly pipeline: string;
  readonly job: string;
  readonly attempt: number;
  readonly state: BuildState;
  readonly step: BuildStep | undefined;
  /** Phase of the job, while step is `run`. */
  readonly phase: string | undefined;
  /** When the step or phase began. */
  readonly stepSince: string | undefined;
  readonly queuedAt: string;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  /** What a queued build waits for, in words. */
  readonly waitingFor: string | undefined;
  readonly server: string | undefined;
  readonly serverAddress: string | undefined;
  readonly backend: string | undefined;
  readonly prefix: string | undefined;
  readonly result: Result | undefined;
  readonly reason: string | undefined;
  readonly tests: TestCounts | undefined;
  /** Path of its log folder below the logs root, with a trailing slash, e.g. `01/1/1/check/job/0a1b2c3/`. */
  readonly logPath: string;
}

export interface BuildDetail extends BuildRow {
  readonly buildset: string;
  readonly testResults: readonly TestResult[];
  /** Other attempts and jobs of the same buildset. */
  readonly siblings: readonly BuildRow[];
  readonly report: ReportRow | undefined;
  /** Steps and phases so far, oldest first. */
  readonly history: readonly { readonly at: string; readonly step: string; readonly phase: string | undefined }[];
  readonly artifacts: readonly { readonly path: string; readonly size: number }[];
}

export interface ReportRow {
  readonly state: 'intended' | 'posted' | 'failed';
  readonly message: string;
  readonly vote: { readonly label: string; readonly value: number } | undefined;
  /** `voted`, `dropped`, `refused`, `closed`, `commented`. */
  readonly outcome: string | undefined;
  readonly postedAt: string | undefined;
}

export interface BackendRow {
  readonly name: string;
  readonly kind: 'dedicated' | 'shared';
  readonly healthy: boolean;
  /** What is wrong, or the z/VM host and its free space. */
  readonly detail: string;
  readonly slots: readonly {
    readonly prefix: string;
    readonly build: string | undefined;
    readonly state: 'free' | 'leased' | 'dirty';
  }[];
}

export interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly state: string;
  readonly address: string | undefined;
  readonly build: string | undefined;
  readonly since: string;
}

export interface ConnectionRow {
  readonly name: string;
  readonly state: 'connected' | 'connecting' | 'failed';
  readonly detail: string;
  readonly lastEventAt: string | undefined;
}

export interface NoticeRow {
  readonly code: string;
  readonly text: string;
  readonly todo: string;
  readonly count: number;
  readonly lastAt: string;
}

export interface EventRow {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly patchset: string;
  readonly decision: string;
  readonly reason: string;
}

import type { Patchset } from '../domain/patchset.ts';
import type { Secret } from '../domain/secret.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import type { StoredLogs } from '../ports/stored-logs.ts';
import type { StatusRead } from '../ports/status.ts';
import type { HoldWish } from '../ports/hold-store.ts';
import type { HeldReport, ReportDecision, StoppedJob } from '../ports/report-store.ts';
import type { Logger } from '../shared/logger.ts';
import type { Assets } from './assets.ts';
import type { LiveHub } from './live-hub.ts';

export interface WebOptions {
  readonly status: StatusRead;
  readonly archive: LogArchive;
  /** Logs that have left `logsRoot`; undefined: none do. */
  readonly storedLogs?: StoredLogs | undefined;
  /** Reports that wait for a person. */
  readonly heldReports: () => Promise<readonly HeldReport[]>;
  /** Jobs whose failures are not reported. */
  readonly stoppedJobs: () => Promise<readonly StoppedJob[]>;
  /** Folder served below `/logs/`. */
  readonly logsRoot: string;
  /** Address under which readers reach this server; only `/api` needs it. */
  readonly publicUrl: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly health: () => Promise<Health>;
  /** Undefined: the pages can only be read. */
  readonly operator?: Operator | undefined;
  readonly log?: Logger;
  /** Pages that may be open at the same time; the next ones show the moment they were loaded. */
  readonly liveClients?: number;
}

/** What somebody who knows the password may do. */
export interface Operator {
  readonly password: Secret;
  /** Longest time a server may be held (ms). */
  readonly maxTtl: number;
  /** Returns the id of the hold; throws `hold-refused` with the reasons. */
  requestHold(request: HoldRequest): Promise<string>;
  /** False when it was over before. */
  endHold(id: string, by: string): Promise<boolean>;
  /** Throws `drain-refused` with the reasons, `not-found`. */
  drainBackend(request: { backend: string; by: string; reason: string }): Promise<void>;
  /** False when it was in use. */
  resumeBackend(backend: string): Promise<boolean>;
  /** Throws `not-found`, and what Gerrit says. */
  enqueue(request: { change: string; gerrit: string | undefined }): Promise<Patchset>;
  /** Throws `not-found` when it does not wait any more. */
  decideReport(request: { buildset: string; decision: ReportDecision; by: string }): Promise<void>;
  /** Throws `not-found` when they are not stopped. */
  resumeReports(request: { job: string; by: string; waiting: 'rerun' | 'post' | 'drop' }): Promise<number>;
}

export interface HoldRequest extends HoldWish {
  readonly reason: string;
  readonly requestedBy: string;
  readonly sshKey: string;
  /** Milliseconds. */
  readonly ttl: number;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: Record<string, string>;
}

/** What the routes need. */
export interface WebDeps extends WebOptions {
  readonly assets: Assets;
  readonly hub: LiveHub;
  /** Configured name of this CI; asked once. */
  readonly ciName: () => Promise<string>;
}

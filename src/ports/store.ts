import type { Build, BuildStep } from '../domain/build.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { EventSource, ReviewEvent } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { BackendSettings } from '../domain/settings.ts';
import type { TestResult } from '../domain/test-result.ts';
import type { Verdict } from '../domain/verdict.ts';

/**
 * What sidegate knows, in PostgreSQL. A method is one statement unless said otherwise; `transaction` makes several of them one.
 * Changes wake the loops concerned, in every process, when they are committed (`ports/signals.ts`).
 */
export interface Store
  extends JournalStore, BuildsetStore, BuildStore, ServerStore, SlotStore, ReportStore, OperatorStore {
  /** All or nothing; what `work` throws undoes it and is thrown on. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Keeps others that ask for the same lock waiting until the transaction ends. Only within `transaction`. */
  lock(name: string): Promise<void>;
  /**
   * Lets the transaction commit without waiting for the disk. When PostgreSQL or its machine crashes, the last of such commits may be
   * undone, always the newest ones, and never after a later ordinary commit. So only for what is simply done again, and never the last
   * commit before something outside is touched. Only within `transaction`.
   */
  commitLazily(): Promise<void>;
}

export interface HeardEvent {
  readonly connection: string;
  readonly key: string;
  readonly source: EventSource;
  readonly event: ReviewEvent;
}

export interface JournaledEvent extends HeardEvent {
  readonly id: string;
}

export interface ConnectionState {
  readonly state: 'connected' | 'connecting' | 'failed';
  readonly detail: string;
}

export interface JournalStore {
  /** Commits events; those that were heard before are left out. Returns how many were new. */
  appendEvents(events: readonly HeardEvent[]): Promise<number>;
  /** The oldest events without a decision, locked for this transaction; those another process is deciding are left out. */
  undecidedEvents(limit: number): Promise<readonly JournaledEvent[]>;
  recordDecision(eventId: string, decision: 'started' | 'aborted' | 'ignored', reason: string): Promise<void>;
  /** Up to when (ms since 1970) everything of this connection is known; undefined for a new connection. */
  heardUntil(connection: string): Promise<number | undefined>;
  saveHeardUntil(connection: string, until: number): Promise<void>;
  saveConnectionState(connection: string, state: ConnectionState): Promise<void>;
  /** Notes the newest patchset of a change and returns it: the given one, or a newer one that was known already. */
  saveCurrentPatchset(patchset: Patchset): Promise<number>;
}

export interface NewBuildset {
  readonly patchset: Patchset;
  readonly pipeline: string;
  readonly priority: number;
  readonly eventId: string;
  readonly jobs: readonly string[];
}

export interface BuildsetStore {
  /** False when the same patchset is still queued or running in that pipeline, or the event started it before. */
  insertBuildset(buildset: NewBuildset): Promise<boolean>;
  /**
   * Stops what runs for a change, for patchsets below `below` (all when undefined): queued builds end, running ones are asked to stop,
   * nothing is reported. Returns the number of buildsets stopped.
   */
  abortBuildsets(
    change: { connection: string; number: number },
    below: number | undefined,
    reason: string,
  ): Promise<number>;
  /** Queues another attempt of a build's job. */
  insertNextAttempt(buildId: string, delay: number): Promise<void>;
  /** Closes the buildset when no build of it is queued or running. Returns its last attempts then, undefined while it is open. */
  closeBuildset(buildsetId: string): Promise<ClosedBuildset | undefined>;
}

export interface ClosedBuildset {
  readonly id: string;
  readonly patchset: Patchset;
  readonly pipeline: string;
  /** False when it was superseded or aborted: nothing is reported then. */
  readonly wanted: boolean;
  readonly builds: readonly FinishedBuild[];
}

export interface FinishedBuild {
  readonly id: string;
  readonly job: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly logPath: string;
}

/** The right to act for a build. A write with an epoch that is not the build's own changes nothing and throws `stale-epoch`. */
export interface BuildLease {
  readonly buildId: string;
  readonly epoch: number;
}

export interface QueuedBuild {
  readonly id: string;
  readonly job: string;
  readonly project: string;
  readonly priority: number;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
}

export interface RunningBuild extends Build {
  readonly patchset: Patchset;
  readonly pipeline: string;
  readonly server: string | undefined;
  readonly slot: { readonly backend: string; readonly prefix: string } | undefined;
  readonly logPath: string;
  readonly cancelReason: string | undefined;
  readonly startedAt: number;
}

export interface BuildStore {
  /** Builds that may start now, oldest first. */
  queuedBuilds(limit: number): Promise<readonly QueuedBuild[]>;
  runningBuildsPerProject(): Promise<ReadonlyMap<string, number>>;
  saveWaiting(waiting: readonly { readonly buildId: string; readonly reason: string }[]): Promise<void>;
  /** Gives a queued build its server and slot and this process as owner. */
  startBuild(start: BuildStart): Promise<void>;
  /** Makes `owner` the one who acts for a running build: raises the epoch. Undefined when it runs no more. */
  takeBuild(buildId: string, owner: string): Promise<RunningBuild | undefined>;
  runningBuildsOf(owner: string): Promise<readonly string[]>;
  findBuild(buildId: string): Promise<RunningBuild | undefined>;
  saveStep(lease: BuildLease, step: BuildStep, phase?: string): Promise<void>;
  saveTestResults(lease: BuildLease, tests: readonly TestResult[]): Promise<void>;
  /** Ends the build. Slot becomes dirty, server is to be deleted. */
  finishBuild(lease: BuildLease, verdict: Verdict): Promise<void>;
  /** Asks a build to stop: a queued one ends at once. False when there is none such or it is done. */
  cancelBuild(buildId: string, reason: string): Promise<boolean>;
}

export interface BuildStart {
  readonly buildId: string;
  readonly owner: string;
  readonly serverId: string;
  readonly slot: { readonly backend: string; readonly prefix: string } | undefined;
}

export interface ServerRecord {
  readonly id: string;
  readonly cloud: string;
  readonly label: string;
  readonly name: string;
  readonly state: 'building' | 'ready' | 'deleting' | 'deleted';
  readonly novaId: string | undefined;
  readonly address: string | undefined;
  readonly hostKeys: readonly string[];
  readonly build: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly errorCode: ErrorCode | undefined;
  readonly detail: string;
}

export interface NewServer {
  readonly id: string;
  readonly cloud: string;
  readonly label: string;
  readonly name: string;
  readonly owner: string;
}

export interface ServerStore {
  insertServer(server: NewServer): Promise<void>;
  findServer(id: string): Promise<ServerRecord | undefined>;
  /** Servers that are not deleted. */
  aliveServers(): Promise<readonly ServerRecord[]>;
  /** Servers this process has to boot. */
  serversToBoot(owner: string): Promise<readonly ServerRecord[]>;
  saveNovaId(id: string, novaId: string): Promise<void>;
  saveServerReady(id: string, address: string, hostKeys: readonly string[]): Promise<void>;
  /** Says that the server shall go, and why. */
  releaseServer(id: string, why: { readonly code: ErrorCode | undefined; readonly detail: string }): Promise<void>;
  /** Servers to delete that nobody tried within the last seconds; claims them for that long. */
  claimServersToDelete(limit: number): Promise<readonly ServerRecord[]>;
  saveServerDeleted(id: string): Promise<void>;
}

export interface SlotRecord {
  readonly backend: string;
  readonly prefix: string;
  readonly state: 'free' | 'leased' | 'dirty';
  readonly build: string | undefined;
}

export interface SlotStore {
  /** Makes the slots those of the configuration. A slot in use that is no longer configured is swept, then left alone. */
  saveConfiguredSlots(backends: readonly BackendSettings[]): Promise<void>;
  slots(): Promise<readonly SlotRecord[]>;
  /** Dirty slots whose worker is gone and that nobody tried within the last seconds; claims them for that long. */
  claimDirtySlots(limit: number): Promise<readonly SlotRecord[]>;
  /** A slot found with guests while it is free. */
  markSlotDirty(slot: { backend: string; prefix: string }, detail: string): Promise<void>;
  saveSlotClean(slot: { backend: string; prefix: string }): Promise<void>;
  saveSlotDetail(slot: { backend: string; prefix: string }, detail: string): Promise<void>;
  saveBackendHealth(backend: string, health: { readonly healthy: boolean; readonly detail: string }): Promise<void>;
  sickBackends(): Promise<ReadonlyMap<string, string>>;
  /** What was wrong with the back end at any time since `since` (ms since 1970); undefined: nothing. */
  outageSince(backend: string, since: number): Promise<string | undefined>;
}

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

export interface Notice {
  readonly code: ErrorCode;
  /** What it is about; the same code and subject again only counts. */
  readonly subject: string;
  readonly text: string;
}

export interface OperatorStore {
  /** Id of this installation, the owner mark on test servers. */
  installationId(): Promise<string>;
  saveNotice(notice: Notice): Promise<void>;
  /** Closes one notice, or all of a subject. */
  closeNotice(code: ErrorCode | 'all', subject: string): Promise<void>;
  /** Other processes that are gone without a goodbye: their session lock is free. */
  deadProcesses(self: string): Promise<readonly string[]>;
  /** Gives `to` everything `from` held: builds, servers to boot, claims on reports (after a pause). Returns the running builds. */
  takeOver(from: string, to: string): Promise<readonly string[]>;
}

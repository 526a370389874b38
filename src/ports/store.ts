import type { Build, BuildStep } from '../domain/build.ts';
import type { CloudCapacity } from '../domain/capacity.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { EventSource, ReviewEvent } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { BackendSettings } from '../domain/settings.ts';
import type { TestResult } from '../domain/test-result.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { ImageStore } from './image-store.ts';

/**
 * What sidegate knows, in PostgreSQL. A method is one statement unless said otherwise; `transaction` makes several of them one.
 * Changes wake the loops concerned, in every process, when they are committed (`ports/signals.ts`).
 */
export interface Store
  extends
    JournalStore,
    BuildsetStore,
    BuildStore,
    ServerStore,
    CloudStore,
    ImageStore,
    HoldStore,
    CounterStore,
    SlotStore,
    ReportStore,
    OperatorStore {
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
  startBuilds(starts: readonly BuildStart[]): Promise<void>;
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

export type ServerState = 'building' | 'ready' | 'held' | 'deleting' | 'deleted';
/** `image`: is being prepared for a snapshot; `canary`: tries a new image. Neither is ever given to a build. */
export type ServerPurpose = 'build' | 'image' | 'canary';

export interface ServerRecord {
  readonly id: string;
  readonly cloud: string;
  readonly zone: string | undefined;
  readonly label: string;
  readonly name: string;
  readonly purpose: ServerPurpose;
  readonly state: ServerState;
  readonly novaId: string | undefined;
  readonly address: string | undefined;
  readonly hostKeys: readonly string[];
  readonly build: string | undefined;
  /** Id of the image of our own it boots from. */
  readonly image: string | undefined;
  /** 1 for the first server tried. */
  readonly attempt: number;
  /** Where servers were tried before this one: `spot` texts of `domain/placement.ts`. */
  readonly tried: readonly string[];
  /** Milliseconds since 1970, as all of these. */
  readonly createdAt: number;
  /** When Nova said ACTIVE and the host keys were known. */
  readonly activeAt: number | undefined;
  /** When it came into its state. */
  readonly since: number;
  readonly deleteAttempts: number;
  readonly errorCode: ErrorCode | undefined;
  readonly detail: string;
}

/** What admission and pool need of a server; there may be thousands. */
export type PlacedServer = Pick<
  ServerRecord,
  'id' | 'cloud' | 'zone' | 'label' | 'purpose' | 'state' | 'build' | 'createdAt' | 'since' | 'errorCode'
>;

export interface NewServer {
  readonly id: string;
  readonly cloud: string;
  readonly zone: string | undefined;
  readonly label: string;
  readonly name: string;
  readonly owner: string;
  readonly purpose: ServerPurpose;
  readonly image: string | undefined;
  readonly attempt: number;
  readonly tried: readonly string[];
}

export interface BootFailure {
  readonly label: string;
  readonly cloud: string;
  readonly zone: string | undefined;
}

export interface Why {
  readonly code: ErrorCode | undefined;
  readonly detail: string;
}

export interface ServerStore {
  insertServers(servers: readonly NewServer[]): Promise<void>;
  findServer(id: string): Promise<ServerRecord | undefined>;
  /** Those of the ids that have a row, deleted ones too. */
  findServers(ids: readonly string[]): Promise<readonly ServerRecord[]>;
  /** Servers that are not deleted. */
  aliveServers(): Promise<readonly ServerRecord[]>;
  /** The same, in short. */
  placedServers(): Promise<readonly PlacedServer[]>;
  /** Servers this process has to boot, without those it knows. */
  serversToBoot(owner: string, known: readonly string[]): Promise<readonly ServerRecord[]>;
  /** Boots that failed within the last minutes. */
  recentBootFailures(): Promise<readonly BootFailure[]>;
  saveNovaId(id: string, novaId: string): Promise<void>;
  saveServerActive(id: string, imageId: string | undefined): Promise<void>;
  saveServerReady(id: string, address: string, hostKeys: readonly string[]): Promise<void>;
  /** Where its console was saved, below the log archive. */
  saveBootLog(id: string, path: string): Promise<void>;
  /** Says that the server shall go, and why. */
  releaseServer(id: string, why: Why): Promise<void>;
  /** Releases a server that is booting and puts another one in its place, for the build too that waits for it. Only within `transaction`. */
  replaceServer(id: string, why: Why, next: NewServer): Promise<void>;
  /** Servers to delete that nobody tried within the last seconds; claims them, for longer with each attempt. */
  claimServersToDelete(limit: number): Promise<readonly ServerRecord[]>;
  saveServerDeleted(id: string): Promise<void>;
}

/** What the last look at a cloud found. */
export interface CloudRecord {
  readonly name: string;
  readonly healthy: boolean;
  /** What is wrong with it. */
  readonly detail: string;
  readonly capacity: CloudCapacity | undefined;
  /** Milliseconds since 1970: servers ordered after this are not in `capacity`. */
  readonly checkedAt: number;
}

export interface CloudStore {
  clouds(): Promise<readonly CloudRecord[]>;
  /** True when nobody looked at this cloud within the last seconds; then it is the caller's turn. */
  claimCloudLook(name: string): Promise<boolean>;
  /** `capacity` undefined: the one known before stays. `startedAt`: when the look began, ms since 1970. */
  saveCloud(
    name: string,
    look: Omit<CloudRecord, 'name' | 'checkedAt'> & { readonly startedAt: number },
  ): Promise<void>;
  /** Lets the next look come at once, as after a refusal for quota. */
  lookAtCloudSoon(name: string): Promise<void>;
}

export type HoldState = 'waiting' | 'holding' | 'ended';

/** Which build's server shall be kept for a person; what is undefined fits all. Only `build` keeps the server of one that succeeds too. */
export interface HoldWish {
  readonly build: string | undefined;
  readonly project: string | undefined;
  readonly changeNumber: number | undefined;
  readonly job: string | undefined;
}

export interface NewHold extends HoldWish {
  readonly reason: string;
  readonly requestedBy: string;
  /** Public key in OpenSSH's form, put on the server. */
  readonly sshKey: string;
  /** How long the server is kept (ms). */
  readonly ttl: number;
  /** How long the wish waits for a build (ms). */
  readonly patience: number;
}

export interface HoldRecord extends HoldWish {
  readonly id: string;
  readonly state: HoldState;
  readonly reason: string;
  readonly requestedBy: string;
  readonly sshKey: string;
  readonly ttl: number;
  readonly server: string | undefined;
  readonly heldBuild: string | undefined;
  readonly keyAdded: boolean;
  /** Milliseconds since 1970, as all of these. */
  readonly createdAt: number;
  /** End of the wish while it waits, of the hold while it holds. */
  readonly until: number;
  readonly endedAt: number | undefined;
  readonly endedBy: string | undefined;
  /** What hinders it: the key could not be added, too many are held. */
  readonly detail: string;
}

export interface HoldStore {
  /** Returns the id. */
  insertHold(hold: NewHold): Promise<string>;
  /** Open ones, and the last that ended; newest first. */
  holds(limit: number): Promise<readonly HoldRecord[]>;
  /**
   * Keeps the server of a build that is ending if somebody wishes it and fewer than `maxServers` are held. Only within the transaction
   * that ends the build. True when it is kept.
   */
  holdServer(buildId: string, failed: boolean, maxServers: number): Promise<boolean>;
  /** Held servers whose key is still to be added and that nobody tried within the last seconds; claims them. */
  claimHoldsWithoutKey(limit: number): Promise<readonly HoldRecord[]>;
  saveKeyAdded(id: string): Promise<void>;
  saveHoldDetail(id: string, detail: string): Promise<void>;
  /** Ends holds and wishes whose time is over; their servers are released. Returns how many. */
  endDueHolds(): Promise<number>;
  /** Ends one; its server is released. False when it was over before. */
  endHold(id: string, by: string): Promise<boolean>;
}

export interface CounterStore {
  /** Adds to a counter of `/metrics`; `subject` is its one label. */
  count(name: CounterName, subject: string, by?: number): Promise<void>;
}

/** `leftovers_deleted` and `leftovers_found` by kind of resource, the others by label. */
export type CounterName = 'leftovers_deleted' | 'leftovers_found' | 'boots' | 'boot_failures' | 'servers_lost';

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

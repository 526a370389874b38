import type { BuildState, BuildStep } from '../domain/build.ts';
import type { Dependencies } from '../domain/dependencies.ts';
import type { QuotaKind } from '../domain/capacity.ts';
import type { Evidence } from '../domain/guard/evidence.ts';
import type { Proof } from '../domain/proof.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import type { EvidenceLine, NamedCause, Result, TestCounts } from '../domain/verdict.ts';
import type { FoundSignature } from './build-store.ts';
import type { TestOutcome, TestResult } from '../domain/test-result.ts';
import type { ImageState } from './image-store.ts';
import type { HoldState, HoldWish } from './hold-store.ts';
import type { ServerPurpose } from './server-store.ts';

/** Read side of the store: what the pages and `/api` show. Times are ISO 8601 UTC. */
export interface StatusRead {
  overview(): Promise<Overview>;
  /** Newest first. */
  builds(filter: BuildFilter): Promise<readonly BuildRow[]>;
  /** By id or by a unique first part of it (at least 7 digits). */
  build(id: string): Promise<BuildDetail | undefined>;
  /** Console bytes from `offset`, at most `limit`; what a page shows while the build runs. */
  console(id: string, offset: number, limit: number): Promise<ConsolePart | undefined>;
  /** Open ones first, then those that ended last; not more than a page takes. */
  holds(): Promise<readonly HoldRow[]>;
  /** By label and cloud, the newest first; not more than a page takes. */
  images(): Promise<readonly ImageRow[]>;
  /** By name, those that are configured. */
  backends(): Promise<readonly BackendRow[]>;
  /** How one test, by its id, fared in the newest builds that ran it, newest first. */
  testHistory(id: string): Promise<readonly TestRun[]>;
  /** Tests by a part of their id, and how they fared in the newest builds that fit. Those that failed most come first. */
  findTests(part: string, filter: BuildFilter): Promise<readonly FoundTest[]>;
  /** Everything that is measured, but for what only the process itself knows. */
  metrics(): Promise<readonly Metric[]>;
  /** Calls back after anything shown may have changed; the answer stops it. */
  onChange(listener: () => void): () => void;
}

export interface TestRun {
  readonly build: string;
  readonly job: string;
  readonly tested: TestedRef;
  /** When the build ended. */
  readonly at: string;
  readonly outcome: TestOutcome;
  /** Milliseconds. */
  readonly duration: number | undefined;
  /** When it began, by the test server's clock; undefined: its results carry no time. */
  readonly startedAt: string | undefined;
  /** Of one of the newest failures: its reason and traceback first, cut. Of others: nothing. */
  readonly details: string;
  /** Log folder of the build; undefined: its logs expired. */
  readonly logPath: string | undefined;
}

export interface FoundTest {
  readonly id: string;
  /** Of the builds that ran it. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The newest build in which it failed, and when that ended. */
  readonly lastFailure: { readonly build: string; readonly at: string } | undefined;
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
  readonly state?: BuildState;
  readonly result?: Result;
  readonly pipeline?: string;
  readonly branch?: string;
  /** Queued from this time on, and before that one. */
  readonly from?: string;
  readonly before?: string;
  /** Its logs are still there. */
  readonly logged?: true;
  readonly limit: number;
}

export interface Overview {
  /** Configured name of this CI. */
  readonly name: string;
  /** Those that run longest; `totals` counts all. */
  readonly running: readonly BuildRow[];
  /** Those whose turn is next. */
  readonly waiting: readonly BuildRow[];
  readonly totals: { readonly running: number; readonly waiting: number };
  /** Builds that are over and whose logs are not in the object store yet; undefined: there is none. */
  readonly uploadsWaiting?: number | undefined;
  /** Last finished builds, newest first. */
  readonly finished: readonly BuildRow[];
  readonly backends: readonly BackendRow[];
  readonly clouds: readonly CloudRow[];
  /** The servers somebody may have to look at: stuck, held and booting ones first. Not all of them. */
  readonly servers: readonly ServerRow[];
  /** All servers, counted. */
  readonly serverCounts: readonly ServerCount[];
  /** Boots that failed within the last day, newest first; not more than a page takes. */
  readonly failedBoots: readonly FailedBootRow[];
  readonly connections: readonly ConnectionRow[];
  /** Open notices to the operator, newest first. */
  readonly notices: readonly NoticeRow[];
  /** Last events with what was decided and why, newest first. */
  readonly events: readonly EventRow[];
}

export interface BuildRow {
  readonly id: string;
  readonly tested: TestedRef;
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
  /** The worker's, its generation included. */
  readonly prefix: string | undefined;
  readonly result: Result | undefined;
  readonly reason: string | undefined;
  /** Why it failed; undefined: it did not, or not yet. */
  readonly cause: Pick<NamedCause, 'kind' | 'signature'> | undefined;
  readonly tests: TestCounts | undefined;
  /** Path of its log folder below the logs root, with a trailing slash, e.g. `01/1/1/check/job/0a1b2c3/`. */
  readonly logPath: string;
}

export interface BuildDetail extends BuildRow {
  readonly buildset: string;
  readonly testResults: readonly TestResult[];
  /** What the patchset is tested together with; undefined: Gerrit has not told it yet. */
  readonly dependencies: Dependencies | undefined;
  /** Other attempts and jobs of the same buildset. */
  readonly siblings: readonly BuildRow[];
  readonly report: ReportRow | undefined;
  /** Steps and phases so far, oldest first. */
  readonly history: readonly { readonly at: string; readonly step: string; readonly phase: string | undefined }[];
  /** When its logs were deleted, and why: they were old enough, or the disk was full. Undefined: they are there. */
  readonly logsExpired: { readonly at: string; readonly why: 'age' | 'disk' } | undefined;
  readonly artifacts: readonly { readonly path: string; readonly size: number }[];
  /** What it did on z/VM, by the calls through its guard; undefined: nothing is known, or not yet. */
  readonly evidence: Evidence | undefined;
  /** What was really tested; undefined: not known, or not yet. */
  readonly proof: Proof | undefined;
  /** What shows the cause. */
  readonly causeLines: readonly EvidenceLine[];
  /** Known troubles found in its logs, whether they are the cause or not. */
  readonly signatures: readonly FoundSignature[];
}

export interface ReportRow {
  readonly state: 'intended' | 'held' | 'posted' | 'failed' | 'dropped' | 'silent';
  readonly message: string;
  readonly vote: { readonly label: string; readonly value: number } | undefined;
  /** `voted`, `dropped`, `refused`, `closed`, `commented`. */
  readonly outcome: string | undefined;
  readonly postedAt: string | undefined;
}

export interface BackendRow {
  readonly name: string;
  readonly kind: 'dedicated' | 'shared';
  /** What is behind it; back ends of the same system share its room. */
  readonly system: string;
  readonly healthy: boolean;
  /** What is wrong, or the z/VM host and its free space. */
  readonly detail: string;
  /** When it was looked at last; undefined: nobody has yet. */
  readonly checkedAt: string | undefined;
  /** Since when it is out of order. */
  readonly sickSince: string | undefined;
  /** Taken out of use by a person. */
  readonly drained: { readonly by: string; readonly reason: string; readonly since: string } | undefined;
  /** The window that is open now. */
  readonly maintenance: { readonly until: string; readonly reason: string } | undefined;
  readonly nextMaintenance: { readonly from: string; readonly until: string; readonly reason: string } | undefined;
  /** Left for further workers: MiB of memory, GiB of the disk pool; undefined: it does not tell. */
  readonly room: { readonly memory: number; readonly disk: number } | undefined;
  readonly slots: readonly SlotRow[];
}

/** `quarantined`: dirty, and a sweep has failed; out of use until one succeeds. */
export type ShownSlotState = 'free' | 'leased' | 'dirty' | 'quarantined';

export interface SlotRow {
  readonly prefix: string;
  readonly state: ShownSlotState;
  readonly since: string;
  /** Raised with every lease. */
  readonly generation: number;
  /** First characters of the userids of the lease, its generation included; undefined: nobody has it. */
  readonly workerPrefix: string | undefined;
  readonly build: string | undefined;
  /** `CHANGE,PATCHSET` of the build, or `BRANCH at COMMIT`. */
  readonly change: string | undefined;
  /** Where its worker reaches Feilong; `open`: a process that runs keeps it. */
  readonly guard: { readonly url: string; readonly open: boolean } | undefined;
  /** What was found in it and could not be removed. */
  readonly detail: string;
  /** That failed since the lease ended. */
  readonly sweepAttempts: number;
  /** When it is swept again. */
  readonly nextTryAt: string | undefined;
}

/** `image`: makes or tries an image of our own; `ready` servers wait for a build. */
export type ShownServerState = 'building' | 'ready' | 'in use' | 'image' | 'held' | 'deleting';

export interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly cloud: string;
  readonly zone: string | undefined;
  readonly state: ShownServerState;
  readonly purpose: ServerPurpose;
  readonly address: string | undefined;
  readonly build: string | undefined;
  readonly since: string;
  /** 2 or more: others were tried before it. */
  readonly attempt: number;
  readonly deleteAttempts: number;
  /** Its deletion takes much longer than it should. */
  readonly stuck: boolean;
  /** Why it goes, if not because its work is done. */
  readonly detail: string;
  readonly held: { readonly by: string; readonly until: string } | undefined;
}

export interface ServerCount {
  readonly label: string;
  readonly cloud: string;
  readonly state: ShownServerState;
  readonly count: number;
}

export interface FailedBootRow {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly cloud: string;
  readonly zone: string | undefined;
  readonly attempt: number;
  readonly at: string;
  readonly code: string;
  readonly detail: string;
  /** Path of its saved console below the logs root. */
  readonly logPath: string | undefined;
}

/** A cloud or a rack. */
export interface CloudRow {
  readonly name: string;
  readonly kind: 'openstack' | 'rack';
  /** Undefined: nobody has looked yet. */
  readonly healthy: boolean | undefined;
  /** What is wrong with it. */
  readonly detail: string;
  /** Servers of ours there now. */
  readonly servers: number;
  /** What the configuration allows. */
  readonly maxServers: number | undefined;
  readonly quotas: readonly QuotaRow[];
  /** When the quotas were asked for. */
  readonly checkedAt: string | undefined;
}

/** `ours` and `others` together are what is used. */
export interface QuotaRow {
  readonly kind: QuotaKind;
  /** Undefined: no limit. */
  readonly limit: number | undefined;
  readonly ours: number;
  readonly others: number;
}

export interface HoldRow extends HoldWish {
  readonly id: string;
  readonly state: HoldState;
  readonly reason: string;
  readonly requestedBy: string;
  readonly createdAt: string;
  /** End of the wish while it waits, of the hold while it holds. */
  readonly until: string;
  readonly endedAt: string | undefined;
  readonly endedBy: string | undefined;
  /** Id of the build whose server is kept. */
  readonly heldBuild: string | undefined;
  readonly keyAdded: boolean;
  readonly detail: string;
  readonly server: string | undefined;
  /** Where to log in, once there is a server. */
  readonly login: { readonly user: string; readonly address: string; readonly port: number } | undefined;
}

export interface ImageRow {
  readonly id: string;
  readonly label: string;
  readonly cloud: string;
  readonly name: string;
  readonly state: ImageState;
  readonly requestedBy: string;
  /** Folder of its consoles below the logs root, with a trailing slash; undefined: they have expired. */
  readonly logPath: string | undefined;
  readonly detail: string;
  readonly createdAt: string;
  readonly promotedAt: string | undefined;
  readonly goodBuilds: number;
  readonly badBuilds: number;
}

/** One metric as Prometheus knows it. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
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

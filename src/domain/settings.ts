import type { ArtifactRule } from './artifacts.ts';
import type { CarryWish } from './carry.ts';
import type { Exclusion } from './exclusion.ts';
import type { Signature } from './signatures/signature.ts';
import type { PatchsetEvent, PatchsetKind } from './event.ts';

/**
 * What the operator configured, as the flow sees it: parsed, defaulted, references checked (`src/config/` makes it).
 * Durations are milliseconds, sizes bytes.
 */
export interface Settings {
  /** Full name of the Gerrit account, `Organization Product CI`; the summary tab recognises a CI by it. */
  readonly name: string;
  readonly contact: string;
  readonly wikiUrl: string | undefined;
  readonly labels: readonly ServerLabel[];
  readonly clouds: readonly CloudSettings[];
  readonly racks: readonly RackSettings[];
  readonly hold: HoldSettings;
  readonly backends: readonly BackendSettings[];
  readonly jobs: readonly Job[];
  readonly pipelines: readonly Pipeline[];
  readonly projects: readonly ProjectSettings[];
  /** The shipped ones and the operator's. */
  readonly signatures: readonly Signature[];
  readonly changeSweep: ChangeSweepSettings;
  readonly stormBrake: StormBrakeSettings;
  readonly notices: NoticeSettings;
  readonly logs: LogSettings;
  readonly limits: Limits;
}

/** How long logs are kept. */
export interface LogSettings {
  /** By class of the build (ms since its end). `held`: its server was kept for a person. */
  readonly keep: { readonly passed: number; readonly failed: number; readonly infra: number; readonly held: number };
  /** Shares of the disk, from 0 to 1: above `high` the oldest logs go until `low`. Undefined: the disk does not matter. */
  readonly disk: { readonly high: number; readonly low: number } | undefined;
  /** How long the local copy stays after the upload to an object store (ms). */
  readonly keepLocal: number;
}

/** The search for open changes that have no result of ours. */
export interface ChangeSweepSettings {
  /** Between two looks. */
  readonly every: number;
  /** Patchsets older than this are left alone. */
  readonly maxAge: number;
  /** Changes queued by one look; 0: never looks. */
  readonly limit: number;
}

/** Failures that are the same on every change are not reported. */
interface StormBrakeSettings {
  /** Same failures in a row, on different changes of at least two people; 0: never. */
  readonly failures: number;
  /** What lets reports go on: the next success of the job, or only a person. */
  readonly resume: 'success' | 'hand';
}

/** When operators are told by mail and webhooks (ms). */
export interface NoticeSettings {
  /** A notice must be open for so long: much mends itself. */
  readonly after: number;
  /** One that was closed and opened again is told again no earlier. */
  readonly again: number;
  /** One that stays open is told again; undefined: never. */
  readonly remind: number | undefined;
  /** Between two messages of one channel. */
  readonly every: number;
}

export interface Limits {
  /** Bytes of console kept of one build; the rest is dropped and said so. */
  readonly console: number;
  /** Bytes of all artifacts of one build together. */
  readonly artifacts: number;
  /** Number of artifact files of one build. */
  readonly artifactFiles: number;
  /** How long a test server may be out of reach before its build is an infra failure. */
  readonly unreachable: number;
}

/** A kind of test server. */
export interface ServerLabel {
  readonly name: string;
  /** Where its servers may be booted, the preferred one first; each cloud at most once. */
  readonly places: readonly ServerPlace[];
  readonly user: string;
  readonly sshPort: number;
  /** From the request until Nova says ACTIVE and the console shows host keys. */
  readonly bootTimeout: number;
  /** From then until the login works. */
  readonly sshTimeout: number;
  /** Servers tried, each on another zone or cloud where there is one, before a build is told that its server did not boot. */
  readonly bootAttempts: number;
  /** Servers kept booted and waiting. */
  readonly minReady: number;
  readonly max: number;
  /** A server that waited this long is replaced by a fresh one; undefined: never. */
  readonly maxAge: number | undefined;
  /** Undefined: servers boot from the image as it is. */
  readonly imageBuild: ImageBuildSettings | undefined;
}

export type ServerPlace = CloudPlace | RackPlace;

/** A cloud, and what to ask it for. */
export interface CloudPlace {
  readonly kind: 'openstack';
  /** `Cloud.name`: the name in clouds.yaml, `NAME/REGION` where a region is given. */
  readonly cloud: string;
  /** Name of the image, or a pattern with `*`; the newest active one that matches is taken. */
  readonly image: string;
  readonly flavor: string;
  /** By name or id. */
  readonly networks: readonly string[];
  /** By name or id; none: the project's default one. */
  readonly securityGroups: readonly string[];
  /** Tried in turn; none: the cloud chooses. */
  readonly availabilityZones: readonly string[];
  /** Network floating addresses come from; undefined: the fixed address is routable, as Feilong needs it. */
  readonly floatingNetwork: string | undefined;
  /** Given to cloud-init as it is. */
  readonly userData: string | undefined;
  readonly configDrive: boolean;
  /** Boot from a volume of this size (GiB) that is deleted with the server; undefined: from the flavor's disk. */
  readonly volume: { readonly size: number; readonly type: string | undefined } | undefined;
  /** Beside sidegate's own marks. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Hosts without a cloud. */
export interface RackPlace {
  readonly kind: 'rack';
  /** Name of the rack. */
  readonly cloud: string;
}

/** What sidegate shall know of a cloud beside clouds.yaml; every cloud of a label has an entry. */
export interface CloudSettings {
  /** `Cloud.name`. */
  readonly name: string;
  /** Servers of all labels together; undefined: only the quota limits. */
  readonly maxServers: number | undefined;
  /** API requests per second, at most. */
  readonly requestRate: number;
  /** What the leak sweep does with leftovers of ours: delete them, or only count and show them. */
  readonly sweep: 'delete' | 'report';
}

/** Hosts that are lent to builds and reset after each. */
export interface RackSettings {
  readonly name: string;
  readonly hosts: readonly RackHost[];
  /** Shell script, run where sidegate runs, that makes the host as new; its exit status 0 says that it is. */
  readonly reset: string;
  readonly resetTimeout: number;
}

export interface RackHost {
  readonly name: string;
  /** Address or name to log in at. */
  readonly address: string;
  /** `TYPE BASE64`. */
  readonly hostKeys: readonly string[];
}

/** How images of our own are made for a label, in each of its clouds. */
export interface ImageBuildSettings {
  /** Shell script that prepares a server of the base image. */
  readonly prepare: string;
  /** Shell script that must succeed on a server booted from the new image before builds get it. */
  readonly smoke: string;
  /** Limit of each script. */
  readonly timeout: number;
  /** A new image is built when the newest is this old; undefined: only by hand. */
  readonly every: number | undefined;
  /** Good images kept, the one in use included. */
  readonly keep: number;
}

export interface HoldSettings {
  /** Longest time a server may be held. */
  readonly maxTtl: number;
  /** Servers held at the same time; more requests wait. */
  readonly maxServers: number;
}

/** The real thing a job tests on: one z/VM system behind one Feilong, or whatever a pair of commands prepares and cleans. */
export interface BackendSettings {
  readonly name: string;
  /** `dedicated` has one slot and one worker at a time; `shared` has several. */
  readonly kind: 'dedicated' | 'shared';
  /** What is behind it: back ends of the same system share its userids, networks and room. */
  readonly system: string;
  readonly driver: FeilongSettings | CommandSettings;
  readonly slots: readonly SlotSettings[];
  /** What one worker may take of the system; 0: not counted. */
  readonly worker: Room;
  readonly maintenance: readonly MaintenanceWindow[];
}

/** MiB of memory, GiB of the disk pool. */
export interface Room {
  readonly memory: number;
  readonly disk: number;
}

export interface FeilongSettings {
  readonly kind: 'feilong';
  /** Feilong's REST interface, as sidegate reaches it, and without a guard the test servers too. */
  readonly url: string;
  /** Undefined: workers reach Feilong itself. */
  readonly guard: GuardSettings | undefined;
  /** Deploys in flight at the same time; more wait. */
  readonly deploys: number;
}

/** Where workers find their guard. */
export interface GuardSettings {
  /** Address of this machine that test servers reach. */
  readonly address: string;
  /** Undefined: any free one. */
  readonly ports: { readonly first: number; readonly last: number } | undefined;
  /** Virtual switches that workers may couple their guests to, upper case; undefined: any. */
  readonly vswitches: readonly string[] | undefined;
  readonly tls: boolean;
}

/** Scripts run where sidegate runs. */
export interface CommandSettings {
  readonly kind: 'command';
  readonly prepare: string;
  readonly clean: string;
  /** Undefined: it is taken to be well. */
  readonly check: string | undefined;
  /** Of each script. */
  readonly timeout: number;
}

export interface SlotSettings {
  /** First characters of every userid the worker may create; upper case. */
  readonly prefix: string;
  /** What the worker gets beside it, as variables of the job: names to values. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Time in which a back end gets no new builds. */
export type MaintenanceWindow =
  | { readonly kind: 'once'; readonly from: number; readonly until: number; readonly reason: string }
  /** `day` 0 is Sunday; `from` is milliseconds since its midnight UTC. */
  | {
      readonly kind: 'weekly';
      readonly day: number;
      readonly from: number;
      readonly length: number;
      readonly reason: string;
    };

export interface Job {
  readonly name: string;
  readonly label: string;
  /** Kind of back end the job needs, or the name of one; undefined: none. */
  readonly backend: { readonly kind: 'dedicated' | 'shared' | 'any' } | { readonly name: string } | undefined;
  /** Those that always run come last. */
  readonly phases: readonly JobPhase[];
  /** Limit of the whole job on the test server. */
  readonly timeout: number;
  /** Builds tried when infrastructure fails. */
  readonly attempts: number;
  readonly voting: boolean;
  /** Name of the subunit v2 file among the artifacts, relative to the artifact folder; undefined: the job reports no tests. */
  readonly testResults: string | undefined;
  /** Which files of the test server are published; none: all of the artifact folder. */
  readonly artifacts?: readonly ArtifactRule[];
  readonly environment: Readonly<Record<string, string>>;
  /** Changes applied on top of what is tested, in this order; undefined: none. */
  readonly carry?: readonly CarryWish[] | undefined;
  /** Tests it leaves out, those of presets included. */
  readonly excluded?: readonly Exclusion[];
}

/** One part of a job: a shell script with a name. */
export interface JobPhase {
  readonly name: string;
  readonly script: string;
  /** Undefined: only the job's limit. */
  readonly timeout?: number | undefined;
  /** How often it is tried until it ends well. */
  readonly attempts?: number;
  /** Runs after the others, however they ended, and has no part in the result. */
  readonly always?: boolean;
}

export interface Pipeline {
  /** Letters, digits and underscores only: the summary tab drops comments of pipelines with other names. */
  readonly name: string;
  readonly triggers: readonly TriggerRule[];
  /** Label to vote on; undefined: comment only. */
  readonly vote: VoteRule | undefined;
  /** Higher goes first. */
  readonly priority: number;
  /** Nothing is posted: to run beside another CI and compare. */
  readonly isSilent: boolean;
}

export type TriggerRule =
  | { readonly event: PatchsetEvent['type'] | 'ref-updated' }
  /** At these times (cron, UTC) the tip of each branch. */
  | { readonly event: 'periodic'; readonly times: string }
  /** Somebody's vote, such as Zuul's Verified +1; `by` is his user name. */
  | { readonly event: 'approval'; readonly label: string; readonly value: number; readonly by: string }
  /** A comment: bare `recheck`, `recheck NAME`, `run-<CI name>`. */
  | { readonly event: 'recheck'; readonly names: readonly string[] };

/** Which changes of a project are tested. Lists are patterns with `*`; undefined: any. */
export interface ChangeFilter {
  /** User names of owners. */
  readonly owners: readonly string[] | undefined;
  readonly topics: readonly string[] | undefined;
  readonly hashtags: readonly string[] | undefined;
  /** False: work in progress is tested only when somebody asks for it by a recheck. */
  readonly workInProgress: boolean;
  /** False: never tested while private. */
  readonly private: boolean;
}

/** From the most careful: never, only good ones, bad ones when a person says so, all. */
export type VoteMode = 'none' | 'positive' | 'confirm' | 'full';

/** Rules about the files of a patchset: patterns with `*`; undefined: no such rule. */
export interface FileRules {
  /** One of the files must match. */
  readonly only: readonly string[] | undefined;
  /** Names of presets, or patterns: when all files match, nothing is run. */
  readonly skip: readonly string[] | undefined;
  /** One file that matches raises the priority. */
  readonly urgent: { readonly files: readonly string[]; readonly raise: number } | undefined;
}

export interface VoteRule {
  readonly label: string;
  readonly success: number;
  readonly failure: number;
}

export interface ProjectSettings {
  readonly connection: string;
  /** Exact name, or a pattern with `*`. */
  readonly project: string;
  /** Exact names or patterns with `*`; with `!` before it, what they shall not match. */
  readonly branches: readonly string[];
  readonly filter: ChangeFilter;
  readonly votes: VoteMode;
  /** Undefined: the files do not matter and are not asked for. */
  readonly fileRules?: FileRules | undefined;
  /** Kinds of patchsets for which the result of the one before counts; undefined: none, all are run. */
  readonly keepVerdict?: readonly PatchsetKind[] | undefined;
  /** Pipeline name to job names. */
  readonly pipelines: Readonly<Record<string, readonly string[]>>;
}

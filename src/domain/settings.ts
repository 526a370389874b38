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
  readonly backends: readonly BackendSettings[];
  readonly jobs: readonly Job[];
  readonly pipelines: readonly Pipeline[];
  readonly projects: readonly ProjectSettings[];
  readonly limits: Limits;
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
  /** Name of the cloud in clouds.yaml. */
  readonly cloud: string;
  /** Name of the image; the newest active one of that name is taken. */
  readonly image: string;
  readonly flavor: string;
  readonly networks: readonly string[];
  readonly securityGroups: readonly string[];
  readonly availabilityZone: string | undefined;
  readonly user: string;
  readonly sshPort: number;
  readonly bootTimeout: number;
  /** Servers kept booted and waiting. */
  readonly minReady: number;
  readonly max: number;
}

/** One z/VM system behind one Feilong. */
export interface BackendSettings {
  readonly name: string;
  /** `dedicated` has one slot and one worker at a time; `shared` has several. */
  readonly kind: 'dedicated' | 'shared';
  /** Feilong's REST interface, as sidegate and the test servers reach it. */
  readonly url: string;
  readonly slots: readonly SlotSettings[];
}

export interface SlotSettings {
  /** First characters of every userid the worker may create; upper case. */
  readonly prefix: string;
}

export interface Job {
  readonly name: string;
  readonly label: string;
  /** Kind of back end the job needs, or the name of one; undefined: none. */
  readonly backend: { readonly kind: 'dedicated' | 'shared' | 'any' } | { readonly name: string } | undefined;
  readonly phases: readonly JobPhase[];
  /** Limit of the whole job on the test server. */
  readonly timeout: number;
  /** Builds tried when infrastructure fails. */
  readonly attempts: number;
  readonly voting: boolean;
  /** Name of the subunit v2 file among the artifacts, relative to the artifact folder; undefined: the job reports no tests. */
  readonly testResults: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** One part of a job: a shell script with a name. */
export interface JobPhase {
  readonly name: string;
  readonly script: string;
}

export interface Pipeline {
  /** Letters, digits and underscores only: the summary tab drops comments of pipelines with other names. */
  readonly name: string;
  readonly triggers: readonly TriggerRule[];
  /** Label to vote on; undefined: comment only. */
  readonly vote: VoteRule | undefined;
  /** Higher goes first. */
  readonly priority: number;
}

export type TriggerRule =
  | { readonly event: 'patchset-created' }
  /** A comment: bare `recheck`, `recheck NAME`, `run-<CI name>`. */
  | { readonly event: 'recheck'; readonly names: readonly string[] };

export interface VoteRule {
  readonly label: string;
  readonly success: number;
  readonly failure: number;
}

export interface ProjectSettings {
  readonly connection: string;
  /** Exact name, or a pattern with `*`. */
  readonly project: string;
  /** Exact names or patterns with `*`. */
  readonly branches: readonly string[];
  /** Pipeline name to job names. */
  readonly pipelines: Readonly<Record<string, readonly string[]>>;
}

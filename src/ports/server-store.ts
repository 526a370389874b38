import type { FreeServer } from '../domain/admission.ts';
import type { ErrorCode } from '../domain/errors.ts';

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

/** Servers of one label in one spot, either all ordered before the last look at their cloud or all after it. */
export interface ServerGroup extends Pick<ServerRecord, 'label' | 'cloud' | 'zone'> {
  /** Of the newest. */
  readonly createdAt: number;
  readonly count: number;
  /** Of these: ready or booting for whatever build comes. */
  readonly waiting: number;
  /** Of these: booting, and no build waits for it. */
  readonly booting: number;
}

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
  /** Milliseconds since then. */
  readonly age: number;
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
  /** The same, counted: what holds the lock `admission` must not take longer with thousands of servers. */
  serverGroups(): Promise<readonly ServerGroup[]>;
  /** Servers of these that boot or are ready and have no build, at most `limit` of each label, ready ones first, then the oldest. */
  freeServers(
    of: { readonly labels: readonly string[]; readonly clouds: readonly string[] },
    limit: number,
  ): Promise<readonly FreeServer[]>;
  /** Ids of servers of a label that have been ready for longer than `age` (ms), and no build has come. */
  overdueServers(label: string, age: number): Promise<readonly string[]>;
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
  /** Servers of a cloud to delete that nobody tried within the last seconds, without those known; claims them, for longer with each attempt. */
  claimServersToDelete(cloud: string, limit: number, known?: readonly string[]): Promise<readonly ServerRecord[]>;
  saveServerDeleted(id: string): Promise<void>;
}

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

export interface HoldLimits {
  /** Servers held at the same time. */
  readonly maxServers: number;
  /** Those of the label of the build's server. */
  readonly maxOfLabel: number;
}

export interface HoldStore {
  /** Returns the id. */
  insertHold(hold: NewHold): Promise<string>;
  /** Open ones, and the last that ended; newest first. */
  holds(limit: number): Promise<readonly HoldRecord[]>;
  /**
   * Keeps the server of a build that is ending if somebody wishes it and fewer than these are held. Only within the transaction that ends
   * the build. True when it is kept.
   */
  holdServer(buildId: string, failed: boolean, limits: HoldLimits): Promise<boolean>;
  /** Held servers whose key is still to be added and that nobody tried within the last seconds; claims them. */
  claimHoldsWithoutKey(limit: number): Promise<readonly HoldRecord[]>;
  saveKeyAdded(id: string): Promise<void>;
  saveHoldDetail(id: string, detail: string): Promise<void>;
  /** Ends holds and wishes whose time is over; their servers are released. Returns how many. */
  endDueHolds(): Promise<number>;
  /** Ends one; its server is released. False when it was over before. */
  endHold(id: string, by: string): Promise<boolean>;
}

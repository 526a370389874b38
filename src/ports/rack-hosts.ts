import type { ServerMark } from './cloud.ts';

/** Which host of a rack is lent to which test server. Shared by all processes; every change is one transaction. */
export interface RackHosts {
  /**
   * Lends the host among `hosts` that has been free for longest, or answers what an earlier call for the same server lent. A host seen
   * for the first time is free. Undefined: none is free.
   */
  lendHost(rack: string, hosts: readonly string[], borrower: HostBorrower): Promise<HostLoan | undefined>;

  /** Hosts that are lent or to be reset, of this rack. */
  hostsInUse(rack: string): Promise<readonly HostLoan[]>;

  /**
   * The host lent to this server must be reset before anybody else gets it; when it was not lent to it, or no longer, nothing happens.
   * `forget`: nobody waits for that reset. Answers the host that is still being reset for this server.
   */
  takeBackHost(rack: string, server: string, forget: boolean): Promise<string | undefined>;

  /** Hosts among `hosts` that are to be reset now, at most `limit`. Nobody else gets them before `claimTime` is over. */
  claimResets(rack: string, hosts: readonly string[], limit: number): Promise<readonly HostReset[]>;

  /** Another `claimTime` from now on. False: somebody else has the host, the reset must stop. */
  renewReset(reset: HostReset): Promise<boolean>;

  /** The host is as new, and free. */
  saveHostReset(reset: HostReset): Promise<void>;

  /** Tried again after a pause that grows with each failure. */
  saveResetFailure(reset: HostReset, detail: string): Promise<void>;
}

/** How long a claimed reset belongs to its process (ms). */
export const claimTime = 60_000;

export interface HostBorrower extends ServerMark {
  /** Name of the server, to show. */
  readonly name: string;
}

export interface HostLoan {
  readonly host: string;
  readonly state: 'lent' | 'resetting';
  /** Undefined: nobody waits for it; it is only to be reset. */
  readonly borrower: HostBorrower | undefined;
  /** Resets that failed one after the other, and the words of the last one. */
  readonly failures: number;
  readonly detail: string;
  /** When the next reset may begin. Milliseconds since 1970. */
  readonly nextTryAt: number;
}

export interface HostReset {
  readonly rack: string;
  readonly host: string;
  /** Of this one reset. */
  readonly id: string;
}

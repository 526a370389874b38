import type { GuardCall } from '../domain/guard/call.ts';

/** Whom a guard serves, and what it may touch. */
export interface GuardLease {
  /** For logs: back end and slot. */
  readonly name: string;
  /** First characters of the worker's userids; upper case. */
  readonly prefix: string;
  /** IP address of the worker. */
  readonly worker: string;
  /** Switches its guests may be on, upper case; undefined: any. */
  readonly vswitches?: readonly string[] | undefined;
}

export interface LedgerEntry {
  readonly kind: 'guest' | 'image';
  readonly name: string;
}

/** What a worker makes is written down before Feilong hears of it: nothing can exist that is not known. */
export interface GuardLedger {
  /** Durable when it resolves. Throws `lease-over` when the lease is over, `image-taken` when another worker has the image: then Feilong must not be asked. MiB and GiB. */
  note(entry: LedgerEntry & { readonly memory: number; readonly disk: number }): Promise<void>;
  /** What became of it; `unknown`: nobody heard Feilong's answer. */
  settle(entry: LedgerEntry, state: 'made' | 'refused' | 'deleted' | 'unknown'): Promise<void>;
  isOver(): Promise<boolean>;
  ownsImage(name: string): Promise<boolean>;
}

export interface GuardTrace {
  add(call: GuardCall): void;
}

export interface Guard {
  /** As the worker is told. */
  readonly url: string;
  readonly port: number;
  /** Takes no more calls, and resolves when those in flight have ended, or after a bound. */
  close(): Promise<void>;
}

export interface GuardBooks {
  readonly ledger: GuardLedger;
  readonly trace: GuardTrace;
}

export interface GuardPlace {
  /** Name of the back end. */
  readonly backend: string;
  readonly lease: GuardLease;
  /** Undefined: any free one. */
  readonly port: number | undefined;
}

/** Opens guards; rejects when it cannot listen there. */
export interface Guards {
  open(place: GuardPlace, books: GuardBooks): Promise<Guard>;
}

import type { CloudCapacity } from '../domain/capacity.ts';

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

export interface CounterStore {
  /** Adds to a counter of `/metrics`; `subject` is its one label. */
  count(name: CounterName, subject: string, by?: number): Promise<void>;
}

/** `leftovers_deleted` and `leftovers_found` by kind of resource, the others by label. */
export type CounterName = 'leftovers_deleted' | 'leftovers_found' | 'boots' | 'boot_failures' | 'servers_lost';

import type { MarkedResource } from './cloud.ts';

export type Leftover = Pick<MarkedResource, 'kind' | 'id' | 'name'>;

export interface KnownLeftover extends Leftover {
  /** Milliseconds since it was found. */
  readonly age: number;
  readonly attempts: number;
  /** What went wrong with the last attempt to delete it. */
  readonly detail: string;
}

export interface LeftoverStore {
  /** Makes the leftovers known of a cloud those of a look at it, and returns what is new to that. Each change is told to one caller only. */
  saveLeftovers(
    cloud: string,
    seen: readonly Leftover[],
  ): Promise<{
    readonly found: readonly Leftover[];
    /** Their deletion was asked for, and they are not there any more. */
    readonly deleted: readonly Leftover[];
  }>;
  /** Those known, the oldest first. */
  leftovers(cloud: string): Promise<readonly KnownLeftover[]>;
  /** Counts an attempt to delete it; `detail` is empty when the cloud took it. */
  saveLeftoverAttempt(cloud: string, leftover: Leftover, detail: string): Promise<void>;
}

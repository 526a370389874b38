/** The cloud of the replayed week. */
export interface WeekCloud {
  /** Servers at the same time. */
  readonly max: number;
  readonly minReady: number;
  /** Seconds from the order until a login works, and from the release until the quota is free again. */
  readonly boot: number;
  readonly remove: number;
}

export interface WeekResult {
  /** Seconds from each arrival until its job began. */
  readonly waiting: readonly number[];
  /** Seconds of all servers together, from order until gone. */
  readonly use: number;
}

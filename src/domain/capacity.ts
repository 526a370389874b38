/** How much of a cloud's quota is used, by whomever, and what one server of each flavor takes. */
export interface CloudCapacity {
  readonly quotas: readonly Quota[];
  /** Flavor name to what one server of it takes; a flavor that is not there is missing in the cloud. */
  readonly sizes: Readonly<Record<string, ServerSize>>;
}

/** `ram` in MiB, `gigabytes` of volumes in GiB. */
export type QuotaKind = 'servers' | 'cores' | 'ram' | 'ports' | 'floating-ips' | 'volumes' | 'gigabytes';

export interface Quota {
  readonly kind: QuotaKind;
  /** -1: no limit. */
  readonly limit: number;
  readonly used: number;
}

export interface ServerSize {
  readonly cores: number;
  /** MiB. */
  readonly ram: number;
}

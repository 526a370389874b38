/** One call of a worker, as its guard saw it. */
export interface GuardCall {
  /** ISO 8601. */
  readonly at: string;
  /** From the last byte of the request to the last of the answer, the time in the queue included. */
  readonly ms: number;
  readonly method: string;
  /** With the query; as the worker wrote it, bounded. */
  readonly path: string;
  /** Of `/guests/…/action`. */
  readonly action?: string | undefined;
  /** Upper case. */
  readonly userid?: string | undefined;
  readonly status: number;
  readonly overallRC?: number | undefined;
  readonly rc?: number | undefined;
  readonly rs?: number | undefined;
  /** Of Feilong, bounded. */
  readonly errmsg?: string | undefined;
  /** Why the guard did not forward it. */
  readonly refused?: string | undefined;
  /** Feilong did not answer, or its sdkserver was down. */
  readonly outage?: boolean | undefined;
}

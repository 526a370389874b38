import type { ServerRequest } from '../../ports/cloud.ts';
import type { Client } from './client.ts';

/** The time one order may take. */
export interface OrderTime {
  readonly client: Client;
  /** Aborted once the time is over. */
  signal(): AbortSignal;
  /** The cloud is at work on the order: its patience begins anew. */
  renew(): void;
  isOver(): boolean;
}

/** What a timer can be set to. */
const longest = 2 ** 31 - 1;

/** A client whose calls end with the time of the order. */
export function createOrderTime(client: Client, { patience, deadline }: ServerRequest): OrderTime {
  let until = Math.min(Date.now() + patience, deadline);
  const left = () => Math.min(longest, Math.max(0, Math.ceil(until - Date.now())));
  const signal = () => AbortSignal.timeout(left());
  return {
    client: { ...client, call: (call) => client.call({ ...call, signal: signal() }) },
    signal,
    renew() {
      until = Math.min(Date.now() + patience, deadline);
    },
    isOver: () => Date.now() >= until,
  };
}

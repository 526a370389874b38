import type { ServerLabel } from './settings.ts';

/** Servers of one label that are not deleted, counted. */
export interface Pool {
  readonly all: number;
  /** Ready or booting, for any build. Those that are too old are not among them. */
  readonly waiting: number;
}

/** Servers to boot so that `min_ready` wait. */
export function countMissing({ minReady, max }: Pick<ServerLabel, 'minReady' | 'max'>, { all, waiting }: Pool): number {
  return Math.max(0, Math.min(minReady - waiting, max - all));
}

import { SidegateError } from '../domain/errors.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { Store } from '../ports/store.ts';

const maxReason = 500;
const maxName = 100;

export interface DrainRequest {
  readonly backend: string;
  readonly by: string;
  readonly reason: string;
}

type DrainStore = Pick<Store, 'drainBackend'>;

/**
 * Takes a back end out of use until somebody resumes it: it gets no more builds, those that use it go on. Throws `drain-refused` with
 * everything that is wrong, `not-found` for a back end that is not configured.
 */
export async function drainBackend(store: DrainStore, request: DrainRequest): Promise<void> {
  const [by, reason] = [oneLine(request.by, maxName), oneLine(request.reason, maxReason)];
  const problems = [
    ...(reason === '' ? ['say for what reason'] : []),
    ...(by === '' ? ['say who takes it out of use'] : []),
  ];
  if (problems.length > 0) throw new SidegateError('drain-refused', `${problems.join('; ')}.`);
  if (await store.drainBackend(request.backend, by, reason)) return;
  throw new SidegateError('not-found', `Back end ${oneLine(request.backend, maxName)} is not configured.`);
}

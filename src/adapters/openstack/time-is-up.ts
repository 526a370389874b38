import { SidegateError } from '../../domain/errors.ts';

/** Given up before the cloud had its chance to answer: this says nothing about the cloud. */
export class TimeIsUp extends SidegateError {
  constructor(what: string) {
    super('cloud-unreachable', `${what}: there was no time left for it`);
  }
}

/** What others wait for too goes on without us. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new TimeIsUp(what));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

import { SidegateError } from '../../domain/errors.ts';

/** Bounds how often one cloud is asked, by this process. */
export interface RequestRate {
  /** Resolves when one request may be sent; in the order asked. Throws QueueFull when too many wait already. */
  turn(): Promise<void>;
  /** Nobody's turn comes in the next `ms`. */
  hold(ms: number): void;
}

/** Nothing was sent: this says nothing about the cloud. */
export class QueueFull extends SidegateError {}

/** Nobody waits longer than about this for a turn, milliseconds. */
const longestWait = 60_000;
const smallestQueue = 100;

/**
 * At most `perSecond` requests in any second, a quarter of them at once, also right after a pause: a bucket that fills up would let twice
 * as many through then. A rate of 0.5 is one request in any two seconds.
 */
export function createRequestRate(cloud: string, perSecond: number): RequestRate {
  const burst = Math.max(1, Math.floor(perSecond / 4));
  const period = (burst / perSecond) * 1000;
  const queueLimit = Math.max(smallestQueue, Math.ceil((perSecond * longestWait) / 1000));
  /** When the last `burst` requests were sent, oldest first. */
  const sent: number[] = [];
  const waiting: (() => void)[] = [];
  let heldUntil = 0;
  let timer: NodeJS.Timeout | undefined;

  function pause(): number {
    const oldest = sent.length < burst ? undefined : sent[0];
    const now = performance.now();
    return Math.max(0, heldUntil - now, oldest === undefined ? 0 : oldest + period - now);
  }

  function note(): void {
    if (sent.length >= burst) sent.shift();
    sent.push(performance.now());
  }

  function serve(): void {
    timer = undefined;
    while (waiting.length > 0 && pause() === 0) {
      note();
      waiting.shift()?.();
    }
    if (waiting.length > 0) timer = setTimeout(serve, Math.ceil(pause()));
  }

  return {
    async turn() {
      if (waiting.length === 0 && pause() === 0) return note();
      if (waiting.length >= queueLimit) {
        const detail = `${waiting.length} requests already wait for their turn at ${perSecond} per second`;
        throw new QueueFull('cloud-unreachable', `${cloud}: ${detail}`);
      }
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        timer ??= setTimeout(serve, Math.ceil(pause()));
      });
    },
    hold(ms) {
      heldUntil = Math.max(heldUntil, performance.now() + ms);
    },
  };
}

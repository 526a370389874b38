import { sleep } from '../shared/clock.ts';

/** Gerrit's index may lag behind after a crash: what a gap hid is looked for again after these pauses (ms). */
const lookAgainAfter = [0, 10_000, 60_000, 300_000];
/** A Gerrit that drops events again and again has enough to do. */
const betweenGaps = 1000;

/** The gaps of one stream. */
export interface GapFiller {
  /** Something before now may be unknown. */
  readonly isOpen: boolean;
  /** Looks at once and again later. A gap that opens meanwhile begins it anew: one look at a time. */
  fill(since: number): void;
}

/** Nothing is known of the time before the stream opened until the first look has ended. `look` never throws. */
export function createGapFiller(look: (since: number) => Promise<void>, signal: AbortSignal): GapFiller {
  let isOpen = true;
  let isLooking = false;
  let unseen: number | undefined;
  let another = new AbortController();

  async function lookAgain(since: number): Promise<void> {
    const over = AbortSignal.any([signal, another.signal]);
    for (const pause of lookAgainAfter) {
      await sleep(pause, over);
      if (over.aborted) return;
      await look(since);
      if (!over.aborted) isOpen = false;
    }
  }

  async function run(): Promise<void> {
    isLooking = true;
    while (unseen !== undefined && !signal.aborted) {
      const since = unseen;
      unseen = undefined;
      another = new AbortController();
      await lookAgain(since);
      if (unseen !== undefined) await sleep(betweenGaps, signal);
    }
    isLooking = false;
  }

  return {
    get isOpen() {
      return isOpen;
    },
    fill: (since) => {
      unseen = Math.min(unseen ?? since, since);
      isOpen = true;
      another.abort();
      if (!isLooking) void run();
    },
  };
}

import { sleep } from './clock.ts';

export interface RepeatedLook {
  /** There is more to look at. */
  soon(): void;
  /** Waits for the look on its way, and looks no more. */
  stop(): Promise<void>;
}

/** Looks at something that grows, one look at a time, at most one in `pause` ms. What comes meanwhile is looked at together afterwards. */
export function lookRepeatedly(
  look: () => Promise<void>,
  { onError, pause }: { readonly pause: number; readonly onError: (error: unknown) => void },
): RepeatedLook {
  const over = new AbortController();
  let more = false;
  let looking: Promise<void> | undefined;
  const run = async () => {
    while (more && !over.signal.aborted) {
      more = false;
      await look().catch(onError);
      await sleep(pause, over.signal);
    }
    looking = undefined;
  };
  return {
    soon: () => {
      more = true;
      looking ??= run();
    },
    stop: async () => {
      over.abort();
      await looking;
    },
  };
}

import type { Signals, Topic } from '../ports/signals.ts';
import { sleep } from './clock.ts';

/** Hears one topic from the call on, so that no signal is lost between a look and the wait after it. */
export interface HeardSignals {
  /** Resolves when there was a signal since the last call, after `atMost` ms, or when `signal` fires. */
  next(options: { readonly atMost: number; readonly signal: AbortSignal }): Promise<void>;
  stop(): void;
}

export function hearSignals(signals: Signals, topic: Topic): HeardSignals {
  let rung = new AbortController();
  const stop = signals.on(topic, () => rung.abort());
  return {
    next: async ({ atMost, signal }) => {
      if (!rung.signal.aborted) await sleep(atMost, AbortSignal.any([signal, rung.signal]));
      if (rung.signal.aborted) rung = new AbortController();
    },
    stop,
  };
}

import type { Signals, Topic } from '../ports/signals.ts';
import { sleep } from './clock.ts';

/** Resolves at the next signal of the topic, after `atMost` ms, or when `signal` fires. */
export async function waitForSignal(
  signals: Signals,
  topic: Topic,
  options: { atMost: number; signal: AbortSignal },
): Promise<void> {
  const rung = new AbortController();
  const silence = signals.on(topic, () => rung.abort());
  await sleep(options.atMost, AbortSignal.any([options.signal, rung.signal]));
  silence();
}

import { errorText } from '../domain/errors.ts';
import type { Signals, Topic } from '../ports/signals.ts';
import { sleep } from './clock.ts';
import type { Logger } from './logger.ts';

export interface Loop {
  readonly name: string;
  /** One round; true when there is more to do at once. */
  readonly work: () => Promise<boolean | void>;
  readonly wakeOn: readonly Topic[];
  /** Milliseconds between rounds when no signal comes: what a lost signal costs at most. */
  readonly every: number;
}

export interface LoopContext {
  readonly signals: Signals;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const firstPause = 500;
const longestPause = 30_000;

/** Runs rounds until the signal fires. A round that throws is logged and tried again, with growing pauses: no loop ever dies. */
export async function superviseLoop(loop: Loop, { signals, signal, logger }: LoopContext): Promise<void> {
  const alarm = new Alarm();
  const silence = loop.wakeOn.map((topic) => signals.on(topic, () => alarm.ring()));
  let pause = firstPause;
  while (!signal.aborted) {
    alarm.reset();
    try {
      const more = await loop.work();
      pause = firstPause;
      if (!more) await alarm.wait(loop.every, signal);
    } catch (error) {
      if (signal.aborted) break;
      logger.warn({ loop: loop.name, err: errorText(error), pause }, 'a loop failed and is tried again');
      await sleep(pause, signal);
      pause = Math.min(pause * 2, longestPause);
    }
  }
  for (const stop of silence) stop();
}

/** Remembers a ring that came while nobody waited: a signal during a round starts the next one at once. */
class Alarm {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  reset(): void {
    this.#rung = false;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rung) return;
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    await sleep(ms, AbortSignal.any([signal, wake.signal]));
    this.#wake = undefined;
  }
}

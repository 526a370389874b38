import { SidegateError, errorText } from '../domain/errors.ts';
import { wantedEvents } from '../domain/wanted-events.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { HeardEvent } from '../ports/journal-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { fillGap } from './fill-gap.ts';
import { journalEvents } from './journal-events.ts';

/** Gerrit's index may lag behind after a crash: what a gap hid is looked for again after these pauses (ms). */
const lookAgainAfter = [0, 10_000, 60_000, 300_000];
const firstPause = 500;
const longestPause = 30_000;
/** Pause after an error that trying again will not mend. */
const permanentPause = 60_000;
const batchSize = 500;

/**
 * 1. Hear: keeps one Gerrit's event stream open for ever and journals every event before anything else is done with it. Gerrit keeps no
 * history for a stream, so each time it opens, REST tells what was missed.
 */
export async function hearEvents(flow: Flow, review: CodeReview, signal: AbortSignal): Promise<void> {
  const { store } = flow;
  await store.saveHeardUntil(review.name, (await store.heardUntil(review.name)) ?? Date.now());
  let pause = firstPause;
  while (!signal.aborted) {
    const openedAt = Date.now();
    const end = await hearOneStream(flow, review, signal);
    if (signal.aborted) return;
    if (Date.now() - openedAt > longestPause) pause = firstPause;
    const wait = end.permanent ? permanentPause : pause + Math.random() * pause;
    flow.logger.warn({ gerrit: review.name, reason: end.reason, wait }, 'the event stream ended and is opened again');
    await store.saveConnectionState(review.name, {
      state: end.permanent ? 'failed' : 'connecting',
      detail: end.reason,
    });
    await sleep(wait, signal);
    pause = Math.min(pause * 2, longestPause);
  }
}

async function hearOneStream(flow: Flow, review: CodeReview, signal: AbortSignal) {
  const over = new AbortController();
  const streamSignal = AbortSignal.any([signal, over.signal]);
  // Read before the stream opens: its first events must not move the point from which the gap is filled.
  const since = (await flow.store.heardUntil(review.name)) ?? Date.now();
  const journal = new Journal(
    flow,
    review,
    () => void fillGaps(flow, { review, journal, since: journal.heardUntil ?? since }, streamSignal),
  );
  const types = wantedEvents(flow.settings.pipelines);
  try {
    const { ended } = await review.openStream({ onLine: (line) => journal.take(line), types, signal });
    await flow.store.saveConnectionState(review.name, { state: 'connected', detail: '' });
    void fillGaps(flow, { review, journal, since }, streamSignal);
    return await ended;
  } catch (error) {
    return { reason: errorText(error), permanent: error instanceof SidegateError && !error.retryable };
  } finally {
    over.abort();
    await journal.flushed();
  }
}

interface Gap {
  readonly review: CodeReview;
  readonly journal: Journal;
  readonly since: number;
}

async function fillGaps(flow: Flow, gap: Gap, signal: AbortSignal): Promise<void> {
  gap.journal.gapOpen = true;
  for (const pause of lookAgainAfter) {
    await sleep(pause, signal);
    if (signal.aborted) return;
    await fillGapPatiently(flow, gap, signal);
    if (!signal.aborted) gap.journal.gapOpen = false;
  }
}

async function fillGapPatiently(flow: Flow, { review, since }: Gap, signal: AbortSignal): Promise<void> {
  let pause = firstPause;
  while (!signal.aborted) {
    try {
      return await fillGap(flow, review, since);
    } catch (error) {
      flow.logger.warn({ gerrit: review.name, err: errorText(error), pause }, 'what was missed cannot be read yet');
      await sleep(pause, signal);
      pause = Math.min(pause * 2, longestPause);
    }
  }
}

/** Lines wait here only while the batch before them is being committed; the stream itself is never held back. */
class Journal {
  readonly #flow: Flow;
  readonly #review: CodeReview;
  readonly #onDropped: () => void;
  /** While a gap is open, the time of the last event says nothing about what is known before it. */
  gapOpen = true;
  heardUntil: number | undefined;
  #waiting: HeardEvent[] = [];
  #writing: Promise<void> | undefined;

  constructor(flow: Flow, review: CodeReview, onDropped: () => void) {
    this.#flow = flow;
    this.#review = review;
    this.#onDropped = onDropped;
  }

  take(line: string): void {
    const parsed = this.#review.parseLine(line);
    if (parsed.kind === 'dropped') return this.#onDropped();
    if (parsed.kind === 'ignored') {
      this.#flow.logger.debug({ type: parsed.type, reason: parsed.reason }, 'an event is none for us');
      return;
    }
    this.#waiting.push({ connection: this.#review.name, key: parsed.key, source: 'stream', event: parsed.event });
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #append(batch: readonly HeardEvent[]): Promise<void> {
    await journalEvents(this.#flow, batch);
    if (this.gapOpen) return;
    // A time in the future would hide the next gap.
    this.heardUntil = Math.min(Date.now(), Math.max(...batch.map(({ event }) => event.createdAt)));
    await this.#flow.store.saveHeardUntil(this.#review.name, this.heardUntil);
  }

  async #write(): Promise<void> {
    let pause = firstPause;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, batchSize);
      try {
        await this.#append(batch);
        this.#waiting.splice(0, batch.length);
        pause = firstPause;
      } catch (error) {
        this.#flow.logger.error(
          { err: errorText(error), waiting: this.#waiting.length },
          'events cannot be journaled and wait in memory',
        );
        await sleep(pause);
        pause = Math.min(pause * 2, longestPause);
      }
    }
  }
}

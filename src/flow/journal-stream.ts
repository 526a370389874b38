import { errorText } from '../domain/errors.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { HeardEvent } from '../ports/journal-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import type { GapFiller } from './look-again.ts';
import { journalEvents } from './journal-events.ts';

const firstPause = 500;
const longestPause = 30_000;
const batchSize = 500;

/** Lines of one stream wait here only while the batch before them is being committed; the stream itself is never held back. */
export class StreamJournal {
  readonly #flow: Flow;
  readonly #review: CodeReview;
  readonly #gaps: GapFiller;
  /** Up to when all is known. */
  #heardUntil: number;
  #waiting: HeardEvent[] = [];
  #writing: Promise<void> | undefined;

  constructor(flow: Flow, review: CodeReview, from: { readonly gaps: GapFiller; readonly heardUntil: number }) {
    this.#flow = flow;
    this.#review = review;
    this.#gaps = from.gaps;
    this.#heardUntil = from.heardUntil;
  }

  take(line: string): void {
    const parsed = this.#review.parseLine(line);
    if (parsed.kind === 'dropped') {
      this.#flow.logger.warn({ gerrit: this.#review.name }, 'Gerrit dropped events, which are looked for');
      return this.#gaps.fill(this.#heardUntil);
    }
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
    // The time of the last event says nothing about what is known before it.
    if (this.#gaps.isOpen) return;
    // A time in the future would hide the next gap.
    this.#heardUntil = Math.min(Date.now(), Math.max(...batch.map(({ event }) => event.createdAt)));
    await this.#flow.store.saveHeardUntil(this.#review.name, this.#heardUntil);
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

import { gson } from '../gson.ts';
import { now } from '../gerrit.ts';
import type { Account, Change } from '../state/model.ts';

/** Gerrit's constant: events that wait for one slow reader. */
const maxQueuedEvents = 128;

/** True when the reader's window took the line at once; otherwise `taken` is called as soon as it has. */
type WriteLine = (line: string, taken: () => void) => boolean;

interface Subscription {
  readonly account: Account;
  /** Event types asked for, all when empty. */
  readonly types: ReadonlySet<string>;
  readonly write: WriteLine;
  readonly end: (how: StreamEnding) => void;
}

export type StreamEnding = 'channel' | 'connection';

/** Who listens to stream-events. An idle reader gets an event at once, in the same turn. */
export class EventHub {
  readonly #streams = new Set<Stream>();
  readonly #mayRead: (account: Account, change: Change) => boolean;

  constructor(mayRead: (account: Account, change: Change) => boolean) {
    this.#mayRead = mayRead;
  }

  get size(): number {
    return this.#streams.size;
  }

  subscribe(subscription: Subscription): () => void {
    const stream = new Stream(subscription);
    this.#streams.add(stream);
    return () => {
      this.#streams.delete(stream);
    };
  }

  publish(type: string, event: object, change?: Change): void {
    if (this.#streams.size === 0) return;
    const line = `${gson({ ...event, type, eventCreatedOn: now() })}\n`;
    for (const stream of this.#streams) {
      if (change !== undefined && !this.#mayRead(stream.account, change)) continue;
      if (stream.wants(type)) stream.offer(line);
    }
  }

  closeAll(how: StreamEnding): number {
    const streams = [...this.#streams];
    this.#streams.clear();
    for (const stream of streams) stream.end(how);
    return streams.length;
  }
}

class Stream {
  readonly account: Account;
  readonly end: (how: StreamEnding) => void;
  readonly #types: ReadonlySet<string>;
  readonly #write: WriteLine;
  readonly #queue: string[] = [];
  #dropped = false;
  #busy = false;

  constructor({ account, types, write, end }: Subscription) {
    this.account = account;
    this.end = end;
    this.#types = types;
    this.#write = write;
  }

  wants(type: string): boolean {
    return this.#types.size === 0 || this.#types.has(type);
  }

  offer(line: string): void {
    if (this.#queue.length < maxQueuedEvents) this.#queue.push(line);
    else this.#dropped = true;
    this.#pump();
  }

  /** Gerrit tells of lost events before it goes on with the queue, and not how many there were. */
  #pump(): void {
    if (this.#busy) return;
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      const resume = () => {
        this.#busy = false;
        this.#pump();
      };
      if (this.#write(line, resume)) continue;
      this.#busy = true;
      return;
    }
  }

  #next(): string | undefined {
    if (!this.#dropped) return this.#queue.shift();
    this.#dropped = false;
    return `${gson({ type: 'dropped-output', eventCreatedOn: now() })}\n`;
  }
}

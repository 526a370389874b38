import { sleep } from './clock.ts';

/** Lets work in the background take no more than a share of the time, however many work: `work` ms at a stretch, then `rest` ms for others. */
export class WorkPace {
  readonly #work: number;
  readonly #rest: number;
  #begun = performance.now();
  #resting: Promise<void> | undefined;

  constructor({ rest, work }: { readonly work: number; readonly rest: number }) {
    this.#work = work;
    this.#rest = rest;
  }

  /** Called between two pieces of work. */
  async turn(): Promise<void> {
    if (performance.now() - this.#begun > this.#work) {
      this.#resting ??= sleep(this.#rest).then(() => {
        this.#begun = performance.now();
        this.#resting = undefined;
      });
    }
    await this.#resting;
  }
}

interface Turn {
  end(): void;
}

/** Feilong refuses deploys above its limit with 503: here they wait in order, over all guards of one Feilong in this process. */
export class DeployQueue {
  readonly #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Undefined when the signal fires before it is one's turn. Whoever has a turn must end it. */
  async turn(signal: AbortSignal): Promise<Turn | undefined> {
    if (signal.aborted) return undefined;
    if (this.#running < this.#limit) this.#running += 1;
    else if (!(await this.#wait(signal))) return undefined;
    return { end: () => this.#end() };
  }

  #end(): void {
    this.#running -= 1;
    this.#waiting.shift()?.();
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        // At once: whoever asks before the one that waited goes on must not find the place free.
        this.#running += 1;
        resolve(true);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        resolve(false);
      };
      this.#waiting.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

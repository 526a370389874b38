import { SidegateError } from '../../domain/errors.ts';
import type { CloudHealth } from '../../ports/cloud.ts';
import type { Logger } from '../../shared/logger.ts';

/** One call that may be made. Exactly one of its methods is to be called at the end. */
export interface Permit {
  /** The service answered, though it may have been a refusal. */
  succeeded(): void;
  failed(reason: string): void;
  /** The call did not come to anything. */
  released(): void;
}

interface BreakerOptions {
  readonly cloud: string;
  readonly logger: Logger | undefined;
  readonly now?: () => number;
}

/** Failed calls in a row, to one service. */
const threshold = 5;
/** Milliseconds until the next try, growing as long as the service that failed gives no good answer. */
const pauses = [5_000, 10_000, 20_000, 40_000, 80_000, 120_000];

type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half-open'; readonly until: number };

/** Stops asking a cloud that does not work: what fails at once cannot pile up, and the cloud can come up in peace. */
export class CircuitBreaker {
  readonly #cloud: string;
  readonly #logger: Logger | undefined;
  readonly #now: () => number;
  readonly #failures = new Map<string, number>();
  #state: State = { kind: 'closed' };
  #reason = '';
  /** The service that opened it, until that one answers again. */
  #culprit: string | undefined;
  #opened = 0;

  constructor({ cloud, logger, now = Date.now }: BreakerOptions) {
    this.#cloud = cloud;
    this.#logger = logger;
    this.#now = now;
  }

  /** Asks whether a call to this service may be made; throws `cloud-unreachable` while it is open. */
  enter(service: string): Permit {
    const state = this.#state;
    const probe = state.kind === 'open' && state.until <= this.#now();
    if (state.kind !== 'closed' && !probe) throw this.#refusal(state);
    if (probe) this.#state = { kind: 'half-open', until: state.until };
    return {
      succeeded: () => this.#succeeded(service, probe),
      failed: (reason) => this.#failed(service, reason, probe),
      released: () => {
        if (probe) this.#state = { kind: 'open', until: this.#now() };
      },
    };
  }

  health(): CloudHealth {
    const state = this.#state;
    if (state.kind === 'closed') return { state: 'closed', reason: '', until: undefined };
    return { state: state.kind, reason: this.#reason, until: state.until };
  }

  #refusal(state: Exclude<State, { kind: 'closed' }>): SidegateError {
    const seconds = Math.max(1, Math.ceil((state.until - this.#now()) / 1000));
    const next = state.kind === 'open' ? `next try in ${seconds} s` : 'one call is trying now';
    return new SidegateError(
      'cloud-unreachable',
      `${this.#cloud} is not asked (${next}) because calls keep failing: ${this.#reason}`,
    );
  }

  #succeeded(service: string, probe: boolean): void {
    if (probe) this.#close();
    // A call from before it opened.
    if (this.#state.kind !== 'closed') return;
    this.#failures.delete(service);
    if (service !== this.#culprit) return;
    this.#culprit = undefined;
    this.#opened = 0;
  }

  #failed(service: string, reason: string, probe: boolean): void {
    if (probe) return this.#open(service, reason);
    if (this.#state.kind !== 'closed') return;
    const count = (this.#failures.get(service) ?? 0) + 1;
    this.#failures.set(service, count);
    if (count >= threshold) this.#open(service, reason);
  }

  #open(service: string, reason: string): void {
    const pause = pauses[Math.min(this.#opened, pauses.length - 1)]!;
    this.#opened += 1;
    this.#culprit = service;
    this.#reason = reason;
    this.#state = { kind: 'open', until: this.#now() + pause };
    this.#failures.clear();
    this.#logger?.warn({ cloud: this.#cloud, service, reason, pause }, 'the cloud is not asked for some time');
  }

  /** The service that failed gets no new credit through the success of another one: its next failure opens it again. */
  #close(): void {
    this.#state = { kind: 'closed' };
    if (this.#culprit !== undefined) this.#failures.set(this.#culprit, threshold - 1);
    this.#logger?.info({ cloud: this.#cloud }, 'the cloud is asked again');
  }
}

import type { GuardCall } from './call.ts';

/** What a build did on z/VM. */
export interface Evidence {
  readonly calls: number;
  readonly created: number;
  readonly deployed: number;
  readonly started: number;
  readonly deleted: number;
  /** Userids that were deployed and never started: nova may have called their servers ACTIVE all the same. */
  readonly neverStarted: readonly string[];
  readonly refusals: readonly EvidenceCall[];
  readonly refused: number;
  readonly errors: readonly EvidenceCall[];
  readonly failed: number;
  /** The first call that Feilong did not answer, or could not because its sdkserver was down. */
  readonly outage: string | undefined;
}

export interface EvidenceCall {
  readonly at: string;
  /** Method, path, action. */
  readonly call: string;
  readonly text: string;
  /** Tests that ran then, where that is known. */
  readonly tests: readonly string[];
}

/** Kept of each list. */
const kept = 20;

/** Collects call by call: a build may make hundreds of thousands. */
export class EvidenceCollector {
  #calls = 0;
  #refused = 0;
  #failed = 0;
  readonly #created = new Set<string>();
  readonly #deployed = new Set<string>();
  readonly #started = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #refusals: EvidenceCall[] = [];
  readonly #errors: EvidenceCall[] = [];
  #outage: string | undefined;

  add(call: GuardCall): void {
    this.#calls += 1;
    const shown = { at: call.at, call: [call.method, call.path, call.action].filter(Boolean).join(' ') };
    if (call.outage) this.#outage ??= `${shown.call} at ${call.at}: ${call.errmsg ?? `HTTP ${call.status}`}`;
    if (call.refused !== undefined) {
      this.#refused += 1;
      if (this.#refusals.length < kept) this.#refusals.push({ ...shown, text: call.refused, tests: [] });
    } else if (call.status === 200 && !call.overallRC) this.#note(call);
    else if (call.status !== 404) {
      this.#failed += 1;
      if (this.#errors.length < kept)
        this.#errors.push({ ...shown, text: call.errmsg ?? `HTTP ${call.status}`, tests: [] });
    }
  }

  evidence(): Evidence {
    return {
      calls: this.#calls,
      created: this.#created.size,
      deployed: this.#deployed.size,
      started: this.#started.size,
      deleted: this.#deleted.size,
      neverStarted: [...this.#deployed.difference(this.#started)].toSorted().slice(0, kept),
      refusals: this.#refusals,
      refused: this.#refused,
      errors: this.#errors,
      failed: this.#failed,
      outage: this.#outage,
    };
  }

  #note({ method, path, action, userid }: GuardCall): void {
    if (userid === undefined) return;
    if (method === 'POST' && path === '/guests') this.#created.add(userid);
    if (method === 'DELETE' && /^\/guests\/[^/]+$/.test(path)) this.#deleted.add(userid);
    if (action === 'deploy') this.#deployed.add(userid);
    // A reset or reboot of a guest that was never started is refused.
    if (action === 'start') this.#started.add(userid);
  }
}

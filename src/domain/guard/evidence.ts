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
  /** How many these are, all counted; undefined: written down by a sidegate that did not count. */
  readonly unstarted?: number;
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

/** Guests that were deployed and never started, named or not. */
export function countNeverStarted({ unstarted, neverStarted, deployed, started }: Evidence): number {
  if (neverStarted.length === 0) return 0;
  return unstarted ?? Math.max(neverStarted.length, deployed - started);
}

/** Those that are named, and how many more there were; undefined: none. */
export function neverStartedText(evidence: Evidence): string | undefined {
  const { neverStarted } = evidence;
  if (neverStarted.length === 0) return undefined;
  const more = countNeverStarted(evidence) - neverStarted.length;
  return neverStarted.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** How far a guest came; kept only while it is there, so that a long build takes no more memory than its guests at one time. */
interface Guest {
  deployed: boolean;
  started: boolean;
}

/** Kept of each list. */
const kept = 20;
/** No worker has so many guests at the same time: more are counted and not remembered. */
const maxGuests = 10_000;

/** Collects call by call: a build may make hundreds of thousands. */
export class EvidenceCollector {
  #calls = 0;
  #refused = 0;
  #failed = 0;
  #created = 0;
  #deployed = 0;
  #started = 0;
  #deleted = 0;
  readonly #guests = new Map<string, Guest>();
  readonly #goneUnstarted = new Set<string>();
  #unstartedGone = 0;
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
    const waiting = [...this.#guests].flatMap(([userid, { deployed, started }]) =>
      deployed && !started ? [userid] : [],
    );
    return {
      calls: this.#calls,
      created: this.#created,
      deployed: this.#deployed,
      started: this.#started,
      deleted: this.#deleted,
      neverStarted: [...this.#goneUnstarted.union(new Set(waiting))].toSorted().slice(0, kept),
      unstarted: this.#unstartedGone + waiting.length,
      refusals: this.#refusals,
      refused: this.#refused,
      errors: this.#errors,
      failed: this.#failed,
      outage: this.#outage,
    };
  }

  #note({ method, path, action, userid }: GuardCall): void {
    if (userid === undefined) return;
    if (method === 'POST' && path === '/guests') {
      this.#created += 1;
      this.#guestOf(userid);
    } else if (method === 'DELETE' && path === `/guests/${userid}`) this.#delete(userid);
    else if (action === 'deploy') this.#deploy(this.#guestOf(userid));
    // A reset or reboot of a guest that was never started is refused.
    else if (action === 'start') this.#start(this.#guestOf(userid));
  }

  #deploy(guest: Guest): void {
    if (!guest.deployed) this.#deployed += 1;
    guest.deployed = true;
  }

  #start(guest: Guest): void {
    if (!guest.started) this.#started += 1;
    guest.started = true;
  }

  /** nova deletes what is not there any more, too. */
  #delete(userid: string): void {
    const guest = this.#guests.get(userid);
    if (!guest) return;
    this.#deleted += 1;
    this.#guests.delete(userid);
    if (!guest.deployed || guest.started) return;
    this.#unstartedGone += 1;
    if (this.#goneUnstarted.size < kept) this.#goneUnstarted.add(userid);
  }

  #guestOf(userid: string): Guest {
    const guest = this.#guests.get(userid) ?? { deployed: false, started: false };
    if (this.#guests.size < maxGuests) this.#guests.set(userid, guest);
    return guest;
  }
}

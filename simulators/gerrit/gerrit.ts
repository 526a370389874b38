import type { EventHub } from './events/hub.ts';
import type { Faults } from './faults.ts';
import type { Repositories } from './git/repositories.ts';
import type { Accounts } from './state/accounts.ts';
import type { ChangeStore } from './state/store.ts';

/** The version whose answers were recorded. */
export const gerritVersion = '3.13.5';

/** Everything the simulated server consists of, without its sockets. */
export interface Gerrit {
  readonly store: ChangeStore;
  readonly accounts: Accounts;
  readonly repositories: Repositories;
  readonly hub: EventHub;
  readonly faults: Faults;
  /** Base URL without a slash at the end; known once the HTTP port is. */
  url: string;
}

/** Whole seconds since 1970: Gerrit knows nothing finer. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** What Gerrit refuses, with its own status and words. `body` replaces the text where the real answer is JSON. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly body: object | undefined;

  constructor(status: number, message: string, body?: object) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

import type { Faults } from './faults.ts';
import type { Mishaps } from './mishaps.ts';
import type { Release } from './release.ts';
import type { Reply } from './reply.ts';
import { Refusal, noSuchGuest } from './reply.ts';
import type { FeilongGuest, ZvmSystem } from './system.ts';
import type { Tokens } from './token.ts';

/** How long things take; milliseconds. */
export interface Timings {
  readonly createTime: number;
  readonly deployTime: number;
  readonly softstopTime: number;
}

/** The simulated machine room. */
export interface Room {
  readonly system: ZvmSystem;
  readonly release: Release;
  readonly faults: Faults;
  readonly mishaps: Mishaps;
  readonly timings: Timings;
  /** `auth = none` when undefined, as nova's driver needs it: it never sends a token. */
  readonly tokens: Tokens | undefined;
  /** As recorded of 1.6.3, a guest without `disk_list` is an error. */
  readonly failsWithoutDisks: boolean;
  /** Deploys and captures running now: Feilong refuses more than a few at once. */
  deploys: number;
}

/** One request, as a handler sees it. */
export interface Call {
  readonly room: Room;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed when it is asked for, as in Feilong: refuses what is no JSON. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Who calls, for the audit. */
  readonly client: string;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;

/** The userid of the path, upper case as Feilong makes it. */
export function useridOf(call: Call): string {
  return call.parameters['userid']!.toUpperCase();
}

/** The guest of the path must be in Feilong's database; whether z/VM has it is found out later, if at all. */
export function knownGuest(call: Call): FeilongGuest {
  const userid = useridOf(call);
  const guest = call.room.system.database.get(userid);
  if (guest === undefined) throw new Refusal(noSuchGuest(userid));
  return guest;
}

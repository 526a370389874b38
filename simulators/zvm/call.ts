import type { Faults } from './faults.ts';
import type { Reply } from './reply.ts';
import { Refusal, lostGuest, noSuchGuest } from './reply.ts';
import type { DirectoryEntry, ZvmSystem } from './system.ts';

/** How long things take; milliseconds. */
export interface Timings {
  readonly createTime: number;
  readonly deployTime: number;
  readonly softstopTime: number;
}

/** The simulated machine room. */
export interface Room {
  readonly system: ZvmSystem;
  readonly faults: Faults;
  readonly timings: Timings;
  /** `auth = none` when undefined, as nova's driver needs it: it never sends a token. */
  readonly adminToken: string | undefined;
  /** Deploys running now: Feilong refuses more than a few at once. */
  deploys: number;
}

/** One request, as a handler sees it. */
export interface Call {
  readonly room: Room;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
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

/** The guest of the path: it must be in Feilong's database and in z/VM's directory. */
export function guestOf(call: Call): DirectoryEntry {
  const userid = useridOf(call);
  const { database, directory } = call.room.system;
  if (!database.has(userid)) throw new Refusal(noSuchGuest(userid));
  const entry = directory.get(userid);
  if (entry === undefined) throw new Refusal(lostGuest(userid));
  return entry;
}

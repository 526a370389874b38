/** One thing that happened to a userid, seen from z/VM's side. */
interface AuditEvent {
  readonly at: string;
  readonly what: 'created' | 'deleted' | 'registered' | 'deregistered' | 'create-refused' | 'delete-failed';
  readonly userid: string;
  /** Address and User-Agent of the caller. */
  readonly client: string;
}

/** What tests check collisions with, from outside. */
interface AuditReport {
  readonly events: readonly AuditEvent[];
  /** Events no longer kept. */
  readonly dropped: number;
  /** Created and not deleted yet. */
  readonly guests: readonly string[];
  /** Largest number of created guests at the same time, by the first characters of their userid. */
  readonly maximum: Readonly<Record<string, number>>;
  /** The same over all prefixes. */
  readonly maximumInAll: number;
  /** Moments at which guests of two or more prefixes existed together. */
  readonly overlaps: number;
}

export interface Audit {
  record(what: AuditEvent['what'], userid: string, client: string): void;
  report(): AuditReport;
}

const keptEvents = 20_000;

/** nova's `instance_name_template` leaves three characters for the prefix: five of eight are the server's number. */
const prefixLength = 3;

export function createAudit(): Audit {
  const events: AuditEvent[] = [];
  const guests = new Set<string>();
  const now = new Map<string, number>();
  const maximum = new Map<string, number>();
  let dropped = 0;
  let maximumInAll = 0;
  let overlaps = 0;

  function count(userid: string, change: 1 | -1): void {
    const prefix = userid.slice(0, prefixLength);
    const present = (now.get(prefix) ?? 0) + change;
    if (present === 0) now.delete(prefix);
    else now.set(prefix, present);
    maximum.set(prefix, Math.max(maximum.get(prefix) ?? 0, present));
    maximumInAll = Math.max(maximumInAll, guests.size);
    if (change === 1 && now.size > 1) overlaps += 1;
  }

  return {
    record(what, userid, client) {
      events.push({ at: new Date().toISOString(), what, userid, client });
      if (events.length > keptEvents) {
        events.shift();
        dropped += 1;
      }
      if (what === 'created' && !guests.has(userid)) {
        guests.add(userid);
        count(userid, 1);
      }
      if (what === 'deleted' && guests.delete(userid)) count(userid, -1);
    },
    report: () => ({
      events,
      dropped,
      guests: [...guests].toSorted(),
      maximum: Object.fromEntries(maximum),
      maximumInAll,
      overlaps,
    }),
  };
}

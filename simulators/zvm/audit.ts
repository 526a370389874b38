import { createTouches } from './touches.ts';
import type { ClientRule, Touch, TouchReport } from './touches.ts';

/** One thing that happened to a userid, seen from z/VM's side. */
interface AuditEvent {
  readonly at: string;
  readonly what:
    | 'created'
    | 'deleted'
    | 'registered'
    | 'deregistered'
    | 'create-refused'
    | 'delete-failed'
    | 'vanished'
    | 'forgotten';
  readonly userid: string;
  /** Address and User-Agent of the caller. */
  readonly client: string;
}

/** What tests check collisions with, from outside. */
interface AuditReport extends TouchReport {
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
  touch(touch: Omit<Touch, 'at'>): void;
  addRule(rule: ClientRule): void;
  report(): AuditReport;
  /** Forgets what happened; what exists stays, and so do the clients' rules. */
  clear(): void;
  /** Who made what exists now. */
  creatorOf(userid: string): string | undefined;
}

const keptEvents = 20_000;

/** nova's `instance_name_template` leaves three characters for the prefix: five of eight are the server's number. */
const prefixLength = 3;

export function createAudit(): Audit {
  const events: AuditEvent[] = [];
  const creators = new Map<string, string>();
  const counts = createCounts();
  const touches = createTouches();
  let dropped = 0;

  return {
    record(what, userid, client) {
      events.push({ at: new Date().toISOString(), what, userid, client });
      if (events.length > keptEvents) {
        events.shift();
        dropped += 1;
      }
      if (what === 'created' && !creators.has(userid)) {
        creators.set(userid, client);
        counts.change(userid, 1);
      }
      if (what !== 'deleted' && what !== 'vanished') return;
      if (creators.delete(userid)) counts.change(userid, -1);
      touches.endLife(userid);
    },
    touch: (touch) => touches.add(touch),
    addRule: (rule) => touches.addRule(rule),
    report: () => ({
      events,
      dropped,
      guests: [...creators.keys()].toSorted(),
      ...counts.report(),
      ...touches.report(),
    }),
    clear() {
      events.length = 0;
      dropped = 0;
      counts.clear();
      touches.clear();
    },
    creatorOf: (userid) => creators.get(userid),
  };
}

function createCounts() {
  const now = new Map<string, number>();
  const maximum = new Map<string, number>();
  let inAll = 0;
  let maximumInAll = 0;
  let overlaps = 0;

  return {
    change(userid: string, change: 1 | -1): void {
      const prefix = userid.slice(0, prefixLength);
      const present = (now.get(prefix) ?? 0) + change;
      if (present === 0) now.delete(prefix);
      else now.set(prefix, present);
      inAll += change;
      maximum.set(prefix, Math.max(maximum.get(prefix) ?? 0, present));
      maximumInAll = Math.max(maximumInAll, inAll);
      if (change === 1 && now.size > 1) overlaps += 1;
    },
    report: () => ({ maximum: Object.fromEntries(maximum), maximumInAll, overlaps }),
    clear(): void {
      maximum.clear();
      for (const [prefix, present] of now) maximum.set(prefix, present);
      maximumInAll = inAll;
      overlaps = 0;
    },
  };
}

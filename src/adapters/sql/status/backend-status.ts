import { maintenanceAt, nextMaintenance } from '../../../domain/maintenance.ts';
import type { Settings } from '../../../domain/settings.ts';
import { workerPrefix } from '../../../domain/slot.ts';
import type { BackendState } from '../../../ports/slot-store.ts';
import type { BackendRow, SlotRow } from '../../../ports/status.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { backendRows } from '../rows/backend-rows.ts';
import { shownRef } from '../rows/buildset-rows.ts';
import { runningProcess } from '../rows/running-process.ts';
import { isoOf } from './iso.ts';

export type BackendPlaces = Pick<Settings, 'backends'>;

/** SQL over a slot `l`: as it is shown. */
const shownState = `case when l.state = 'dirty' and l.sweep_attempts > 0 then 'quarantined' else l.state end`;

interface BackendColumns {
  readonly name: string;
  readonly kind: BackendRow['kind'];
  readonly system: string;
  readonly checked_at: Date | null;
  readonly sick_since: Date | null;
}

/** The configured back ends with their slots: who uses them, and why not. */
export async function backends(db: Queryable, settings: BackendPlaces): Promise<readonly BackendRow[]> {
  const { rows } = await db.query<BackendColumns>(
    `select b.name, b.kind, b.system, b.checked_at,
       (select max(o.began_at) from backend_outages o where o.backend = b.name and o.ended_at is null) as sick_since
     from backends b where exists (select from slots l where l.backend = b.name and l.configured) order by b.name`,
  );
  const states = new Map((await backendRows(db).backendStates()).map((state) => [state.name, state]));
  const allSlots = await slots(db);
  return rows.flatMap((row) => {
    const state = states.get(row.name);
    return state ? [toBackendRow(row, { state, settings, slots: allSlots.get(row.name) ?? [] })] : [];
  });
}

interface Known {
  readonly state: BackendState;
  readonly settings: BackendPlaces;
  readonly slots: readonly SlotRow[];
}

function toBackendRow(row: BackendColumns, known: Known): BackendRow {
  const { healthy, detail, drained, free } = known.state;
  return {
    name: row.name,
    kind: row.kind,
    system: row.system,
    healthy,
    detail,
    checkedAt: isoOf(row.checked_at),
    sickSince: isoOf(row.sick_since),
    drained: drained && { ...drained, since: iso(drained.since) },
    ...windowsOf(row.name, known.settings),
    room: free && { memory: Math.max(0, free.memory), disk: Math.max(0, free.disk) },
    slots: known.slots,
  };
}

function windowsOf(name: string, { backends: configured }: BackendPlaces) {
  const windows = configured.find((backend) => backend.name === name)?.maintenance ?? [];
  const now = Date.now();
  const [open, next] = [maintenanceAt(windows, now), nextMaintenance(windows, now)];
  return {
    maintenance: open && { until: iso(open.until), reason: open.reason },
    nextMaintenance: next && { from: iso(next.from), until: iso(next.until), reason: next.reason },
  };
}

interface SlotColumns {
  readonly backend: string;
  readonly prefix: string;
  readonly state: SlotRow['state'];
  readonly since: Date;
  readonly generation: number;
  readonly build: string | null;
  readonly change: string | null;
  readonly guard_url: string | null;
  readonly guard_open: boolean;
  readonly detail: string;
  readonly sweep_attempts: number;
  readonly next_try_at: Date;
}

async function slots(db: Queryable): Promise<ReadonlyMap<string, readonly SlotRow[]>> {
  const { rows } = await db.query<SlotColumns>(
    `select l.backend, l.prefix, ${shownState} as state, l.since, l.epoch as generation, l.build, ${shownRef} as change,
       l.guard_url, ${runningProcess('l.guard_holder')} as guard_open, l.detail, l.sweep_attempts, l.next_try_at
     from slots l left join builds b on b.id = l.build left join buildsets s on s.id = b.buildset
     where l.configured order by l.backend, l.prefix`,
  );
  const byBackend = Map.groupBy(rows, ({ backend }) => backend);
  return new Map([...byBackend].map(([backend, columns]) => [backend, columns.map(toSlotRow)]));
}

function toSlotRow(row: SlotColumns): SlotRow {
  const { prefix, generation, state } = row;
  return {
    prefix,
    state,
    since: row.since.toISOString(),
    generation,
    workerPrefix: state === 'free' ? undefined : workerPrefix({ prefix, generation }),
    build: optional(row.build),
    change: optional(row.change),
    guard: row.guard_url === null ? undefined : { url: row.guard_url, open: row.guard_open },
    detail: row.detail,
    sweepAttempts: row.sweep_attempts,
    nextTryAt: state === 'quarantined' ? row.next_try_at.toISOString() : undefined,
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

import type { CloudCapacity, QuotaKind } from '../../../domain/capacity.ts';
import { needsOf } from '../../../domain/placement.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { CloudRow, QuotaRow, ServerCount } from '../../../ports/status.ts';
import type { Queryable } from '../connect.ts';

export type PlaceSettings = Pick<Settings, 'labels' | 'clouds' | 'racks'>;

type SeenCount = ServerCount & { readonly seen: number };

interface CloudColumns {
  name: string;
  healthy: boolean;
  detail: string;
  capacity: CloudCapacity | null;
  checked_at: Date | null;
}

/** The configured clouds and racks, with what the last look at each found. */
export async function clouds(
  db: Queryable,
  settings: PlaceSettings,
  counts: readonly SeenCount[],
): Promise<readonly CloudRow[]> {
  const { rows } = await db.query<CloudColumns>(`select name, healthy, detail, capacity, checked_at from clouds`);
  const looks = new Map(rows.map((row) => [row.name, row]));
  const racks = new Set(settings.racks.map(({ name }) => name));
  const names = new Set([...settings.clouds.map(({ name }) => name), ...racks]);
  return [...names].map((name): CloudRow => {
    const look = looks.get(name);
    const own = counts.filter(({ cloud }) => cloud === name);
    return {
      name,
      kind: racks.has(name) ? 'rack' : 'openstack',
      healthy: look?.checked_at ? look.healthy : undefined,
      detail: look?.detail ?? '',
      servers: own.reduce((sum, { count }) => sum + count, 0),
      maxServers: settings.clouds.find((cloud) => cloud.name === name)?.maxServers,
      quotas: look?.capacity ? quotasOf(look.capacity, settings, own) : [],
      checkedAt: look?.checked_at?.toISOString(),
    };
  });
}

/** The cloud says what is used by everybody; what our servers take of it is known from their flavors. */
function quotasOf(capacity: CloudCapacity, { labels }: PlaceSettings, own: readonly SeenCount[]): readonly QuotaRow[] {
  const [now, seen] = [new Map<QuotaKind, number>(), new Map<QuotaKind, number>()];
  for (const counted of own) {
    const label = labels.find(({ name }) => name === counted.label);
    const place = label?.places.find(({ cloud }) => cloud === counted.cloud);
    // A label that is no longer configured: then only its servers can be counted.
    const needs = place === undefined ? new Map<QuotaKind, number>([['servers', 1]]) : needsOf(place, capacity);
    for (const [kind, amount] of needs) {
      now.set(kind, (now.get(kind) ?? 0) + amount * counted.count);
      seen.set(kind, (seen.get(kind) ?? 0) + amount * counted.seen);
    }
  }
  return capacity.quotas.map(({ kind, limit, used }) => ({
    kind,
    limit: limit < 0 ? undefined : limit,
    ours: now.get(kind) ?? 0,
    others: Math.max(0, used - (seen.get(kind) ?? 0)),
  }));
}

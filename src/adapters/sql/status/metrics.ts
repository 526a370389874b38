import type { CloudCapacity } from '../../../domain/capacity.ts';
import type { Metric } from '../../../ports/status.ts';
import type { Queryable } from '../connect.ts';
import { backendMetrics } from './backend-metrics.ts';
import { backends } from './backend-status.ts';
import { gauge } from './gauge.ts';
import { counterMetrics } from './metric-counters.ts';
import type { StatusSettings } from './overview.ts';
import { countServers, stuckAfter } from './server-status.ts';

/** Everything is read at the moment it is asked for; what several processes did adds up by itself. */
export async function metrics(db: Queryable, settings: StatusSettings): Promise<readonly Metric[]> {
  return [
    ...(await singleGauges(db)),
    await servers(db),
    ...backendMetrics(await backends(db, settings)),
    ...(await connections(db)),
    ...(await clouds(db, settings)),
    await images(db),
    ...(await counterMetrics(db, settings)),
  ];
}

interface Numbers {
  queued: number;
  running: number;
  oldest_queued: number;
  stuck: number;
  undecided: number;
  oldest_undecided: number;
  notices: number;
  waiting_holds: number;
  held: number;
  unposted: number;
  oldest_unposted: number;
}

async function singleGauges(db: Queryable): Promise<readonly Metric[]> {
  const age = (column: string) => `coalesce(extract(epoch from now() - min(${column})), 0)::float8`;
  const { rows } = await db.query<Numbers>(
    `select (select count(*) from builds where state = 'queued')::integer as queued,
       (select count(*) from builds where state = 'running')::integer as running,
       (select ${age('queued_at')} from builds where state = 'queued') as oldest_queued,
       (select count(*) from servers where state = 'deleting' and since < now() - ${stuckAfter})::integer as stuck,
       (select count(*) from events where decision is null)::integer as undecided,
       (select ${age('heard_at')} from events where decision is null) as oldest_undecided,
       (select count(*) from notices where closed_at is null)::integer as notices,
       (select count(*) from holds where state = 'waiting')::integer as waiting_holds,
       (select count(*) from holds where state = 'holding')::integer as held,
       (select count(*) from reports where state = 'intended')::integer as unposted,
       (select ${age('intended_at')} from reports where state = 'intended') as oldest_unposted`,
  );
  const row = rows[0]!;
  const one = (value: number) => [{ labels: {}, value }];
  return [
    gauge('builds', 'Builds that wait or run.', [
      { labels: { state: 'queued' }, value: row.queued },
      { labels: { state: 'running' }, value: row.running },
    ]),
    gauge('oldest_queued_build_age_seconds', 'How long the oldest waiting build has waited.', one(row.oldest_queued)),
    gauge('servers_stuck', 'Test servers whose deletion takes longer than ten minutes.', one(row.stuck)),
    gauge('events_undecided', 'Events heard and not yet decided.', one(row.undecided)),
    gauge('oldest_undecided_event_age_seconds', 'Age of the oldest of them.', one(row.oldest_undecided)),
    gauge('notices_open', 'Open notices to the operator.', one(row.notices)),
    gauge('holds', 'Wishes to hold a server that wait for a build, and servers held.', [
      { labels: { state: 'waiting' }, value: row.waiting_holds },
      { labels: { state: 'holding' }, value: row.held },
    ]),
    gauge('reports_unposted', 'Reports that Gerrit has not got yet.', one(row.unposted)),
    gauge('oldest_unposted_report_age_seconds', 'Age of the oldest of them.', one(row.oldest_unposted)),
  ];
}

async function servers(db: Queryable): Promise<Metric> {
  const counts = await countServers(db);
  const samples = counts.map(({ label, cloud, state, count }) => ({ labels: { label, cloud, state }, value: count }));
  return gauge('servers', 'Test servers that are not deleted.', samples);
}

async function connections(db: Queryable): Promise<readonly Metric[]> {
  const { rows } = await db.query<{ name: string; state: string; age: number | null }>(
    `select name, state, extract(epoch from now() - last_event_at)::float8 as age from connections order by name`,
  );
  const heard = rows.filter(({ age }) => age !== null);
  return [
    gauge(
      'gerrit_connected',
      '1 while the event stream of this Gerrit is open, else 0.',
      rows.map(({ name, state }) => ({ labels: { gerrit: name }, value: Number(state === 'connected') })),
    ),
    gauge(
      'gerrit_last_event_age_seconds',
      'Time since the last event from this Gerrit.',
      heard.map(({ name, age }) => ({ labels: { gerrit: name }, value: age ?? 0 })),
    ),
  ];
}

interface CloudColumns {
  name: string;
  healthy: boolean;
  capacity: CloudCapacity | null;
  age: number;
}

async function clouds(db: Queryable, settings: StatusSettings): Promise<readonly Metric[]> {
  const names = [...settings.clouds, ...settings.racks].map(({ name }) => name);
  const { rows } = await db.query<CloudColumns>(
    `select name, healthy, capacity, extract(epoch from now() - checked_at)::float8 as age from clouds
     where checked_at is not null and name = any($1) order by name`,
    [names],
  );
  const quotas = rows.flatMap(({ name, capacity }) =>
    (capacity?.quotas ?? []).map(({ kind, used, limit }) => ({ labels: { cloud: name, kind }, used, limit })),
  );
  const limited = quotas.filter(({ limit }) => limit >= 0);
  return [
    gauge(
      'cloud_healthy',
      '1 where the cloud answers, 0 while its circuit breaker is open or it refuses us.',
      rows.map(({ name, healthy }) => ({ labels: { cloud: name }, value: Number(healthy) })),
    ),
    gauge(
      'cloud_look_age_seconds',
      'Age of what is known of the quotas of the cloud.',
      rows.map(({ name, age }) => ({ labels: { cloud: name }, value: age })),
    ),
    gauge(
      'cloud_quota_used',
      'What is used of a quota, by whomever; ram in MiB, gigabytes in GiB.',
      quotas.map(({ labels, used }) => ({ labels, value: used })),
    ),
    gauge(
      'cloud_quota_limit',
      'The quota; missing where there is no limit.',
      limited.map(({ labels, limit }) => ({ labels, value: limit })),
    ),
  ];
}

async function images(db: Queryable): Promise<Metric> {
  const { rows } = await db.query<{ label: string; cloud: string; age: number }>(
    `select label, cloud, extract(epoch from now() - created_at)::float8 as age from images where state = 'active' order by label, cloud`,
  );
  return gauge(
    'image_age_seconds',
    'Age of the image of our own that servers boot from.',
    rows.map(({ label, cloud, age }) => ({ labels: { label, cloud }, value: age })),
  );
}

import type { ResourceKind } from '../../../ports/cloud.ts';
import type { Metric, MetricSample } from '../../../ports/status.ts';
import type { CounterName } from '../../../ports/cloud-store.ts';
import type { Queryable } from '../connect.ts';
import type { StatusSettings } from './overview.ts';

type Label = 'kind' | 'label';

const counters: Readonly<Record<CounterName, { readonly label: Label; readonly help: string }>> = {
  leftovers_found: { label: 'kind', help: 'Resources with our mark that belonged to nothing and were left alone.' },
  leftovers_deleted: { label: 'kind', help: 'Resources with our mark that belonged to nothing and were deleted.' },
  boots: { label: 'label', help: 'Test servers that became ready.' },
  boot_failures: { label: 'label', help: 'Test servers that did not.' },
  servers_lost: { label: 'label', help: 'Test servers that disappeared while they were needed.' },
};

const kinds: readonly ResourceKind[] = ['server', 'port', 'floating-ip', 'volume', 'keypair', 'image'];
const results = ['SUCCESS', 'FAILURE', 'ERROR', 'TIMED_OUT', 'NODE_FAILURE', 'MERGE_CONFLICT', 'ABORTED'];

/** What only grows. A counter that nothing raised yet is there with 0: `rate()` would miss its first step. */
export async function counterMetrics(db: Queryable, settings: StatusSettings): Promise<readonly Metric[]> {
  const { rows } = await db.query<{ name: string; subject: string; value: string }>(
    `select name, subject, value from counters order by name, subject limit 10000`,
  );
  const subjects = { kind: kinds as readonly string[], label: settings.labels.map(({ name }) => name) };
  const counted = Object.entries(counters).map(([name, { label, help }]) => {
    const values = new Map(subjects[label].map((subject) => [subject, 0]));
    for (const row of rows) if (row.name === name) values.set(row.subject, Number(row.value));
    const samples = [...values].map(([subject, value]) => ({ labels: { [label]: subject }, value }));
    return counter(`${name}_total`, help, samples);
  });
  return [...counted, ...(await finishedBuilds(db))];
}

function counter(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name: `sidegate_${name}`, help, type: 'counter', samples };
}

async function finishedBuilds(db: Queryable): Promise<readonly Metric[]> {
  const { rows } = await db.query<{ result: string; code: string | null; count: number }>(
    `select result, case when result = 'NODE_FAILURE' then error_code end as code, count(*)::integer as count from builds
     where state = 'done' and result is not null group by 1, 2 order by 1, 2`,
  );
  const byResult = new Map(results.map((result) => [result, 0]));
  for (const { result, count } of rows) byResult.set(result, (byResult.get(result) ?? 0) + count);
  const byCode = rows.flatMap(({ code, count }) => (code === null ? [] : [{ labels: { code }, value: count }]));
  return [
    counter(
      'builds_finished_total',
      'Builds that ended, by result.',
      [...byResult].map(([result, value]) => ({ labels: { result }, value })),
    ),
    counter('infrastructure_failures_total', 'Builds that ended as NODE_FAILURE, by error code.', byCode),
  ];
}

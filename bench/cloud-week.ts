import type { Benchmark, Figure } from './benchmark.ts';
import { quantile } from './measure.ts';
import { readArrivals } from './week/arrivals.ts';
import { clairvoyant } from './week/clairvoyant.ts';
import type { WeekCloud, WeekResult } from './week/cloud.ts';
import { replay } from './week/replay.ts';

/** Weeks of openstack/nova: the busiest since it uses Gerrit, and the busiest of the last years. */
const weeks = [
  { week: '2013-06-27', max: 3 },
  { week: '2013-06-27', max: 8 },
  { week: '2024-11-21', max: 3 },
];
const cloud = { boot: 300, remove: 30 };
/** The bound in use is that of a schedule without a single idle second. */
const aim = 110;

/** A week of real change arrivals in simulated time, against a schedule that knows the future. Nothing is timed: the same numbers each run. */
export const cloudWeek: Benchmark = {
  name: 'cloud-week',
  run: async () =>
    weeks.flatMap(({ week, max }) => [0, 1, 2].flatMap((minReady) => compare(week, { ...cloud, max, minReady }))),
};

function compare(week: string, own: WeekCloud): readonly Figure[] {
  const arrivals = readArrivals(week);
  const bound = clairvoyant(arrivals, own);
  const result = replay(arrivals, own);
  const name = `week of ${week}, ${arrivals.length} builds, ${own.max} servers, min_ready ${own.minReady}`;
  return [
    ...(own.minReady === 0 ? waitingFigures(`${name}: clairvoyant`, bound) : []),
    ...waitingFigures(name, result),
    {
      what: `${name}: server hours against the bound of ${Math.round(bound.use / 3600)} h`,
      value: (100 * result.use) / bound.use,
      unit: '%',
      ...(own.minReady === 0 ? { aim } : {}),
    },
  ];
}

function waitingFigures(name: string, { waiting }: WeekResult): readonly Figure[] {
  return [
    { what: `${name}: waiting, p50`, value: quantile(waiting, 0.5) / 60, unit: 'min' },
    { what: `${name}: waiting, p95`, value: quantile(waiting, 0.95) / 60, unit: 'min' },
  ];
}

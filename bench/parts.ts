import type pg from 'pg';
import type { Figure } from './benchmark.ts';
import { median } from './measure.ts';

export interface Measured {
  readonly change: number;
  /** When the bench heard its event, ms since 1970. */
  readonly heardAt: number;
}

/** Moments of one build in the order they happen; each part ends with its moment. Times are those at which transactions began. */
const moments = [
  ['stream, parse, until the journal is written', 'heard_at'],
  ['journal committed, until decided', 'decided_at'],
  ['decision committed, until admitted', 'admitted_at'],
  ['admission committed, workflow started, build taken, worker found', 'run_at'],
  ['SSH, follower and runner on the test server, until its phase is noted', 'phase_at'],
  ['the job’s end over SSH, step result, artifacts asked for', 'collect_at'],
  ['artifacts, step result, until judged', 'judge_at'],
  ['judged, until verdict and report are intended', 'intended_at'],
  ['committed, claimed, posted, until noted as posted', 'posted_at'],
] as const;

type Moments = { change_number: number } & Record<(typeof moments)[number][1], Date | null>;

const query = `
  select s.change_number, e.heard_at, e.decided_at, b.started_at as admitted_at,
    (select min(at) from build_history h where h.build = b.id and step = 'run') as run_at,
    (select min(at) from build_history h where h.build = b.id and step = 'run' and phase is not null) as phase_at,
    (select min(at) from build_history h where h.build = b.id and step = 'collect') as collect_at,
    (select min(at) from build_history h where h.build = b.id and step = 'judge') as judge_at,
    r.intended_at, r.posted_at
  from buildsets s join events e on e.id = s.trigger_event join builds b on b.buildset = s.id join reports r on r.buildset = s.id
  where s.change_number = any($1)`;

/** Where the time of one event → vote goes: the median of each part. The parts' sum is near the median of the whole, not equal to it. */
export async function costOfParts(database: pg.Pool, measured: readonly Measured[]): Promise<readonly Figure[]> {
  const { rows } = await database.query<Moments>(query, [measured.map(({ change }) => change)]);
  const byChange = new Map(rows.map((row) => [row.change_number, row]));
  return moments.map(([what, name], index) => {
    const costs = measured.flatMap(({ change, heardAt }) => {
      const row = byChange.get(change);
      const before = moments[index - 1]?.[1];
      const began = before === undefined ? heardAt : row?.[before]?.getTime();
      const ended = row?.[name]?.getTime();
      return began === undefined || ended === undefined ? [] : [ended - began];
    });
    return { what: `  ${what}`, value: median(costs), unit: 'ms' };
  });
}

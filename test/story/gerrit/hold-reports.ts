import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { until } from '../world/look.ts';
import type { World } from '../world/world.ts';

/** Reports that are intended from now on are not posted before `letReportsGo`: time for something to happen between the two. */
export async function holdReports({ database }: World): Promise<void> {
  await database.pool.query(`alter table reports alter column next_try_at set default now() + interval '1 hour'`);
}

export async function letReportsGo({ database }: World): Promise<void> {
  await database.pool.query(`alter table reports alter column next_try_at set default now()`);
  await database.pool.query(`update reports set next_try_at = now() where state = 'intended'`);
}

/** From now on nobody gets to write down that Gerrit has a report: time to kill who tries. */
export async function holdConfirmations({ database }: World): Promise<void> {
  await database.pool.query(`
    create function held_up() returns trigger language plpgsql as 'begin perform pg_sleep(600); return new; end';
    create trigger held_up before update on reports for each row when (new.state = 'posted') execute function held_up()`);
}

/** After the kill: what was held up is lost. */
export async function loseConfirmations({ database }: World): Promise<void> {
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
  );
  await database.pool.query(`drop trigger held_up on reports; drop function held_up`);
}

interface Report {
  readonly state: 'intended' | 'held' | 'dropped' | 'posted' | 'failed';
  readonly outcome: string | null;
  readonly attempts: number;
}

/** Waits until sidegate's report about a change is as `good` says. */
export function reportOn(
  { database }: World,
  { project, change }: PushedPatchset,
  good: (report: Report) => boolean,
): Promise<Report | undefined> {
  return until(
    async () => {
      const { rows } = await database.pool.query<Report>(
        `select r.state, r.outcome, r.attempts from reports r join buildsets s on s.id = r.buildset
         where s.project = $1 and s.change_number = $2 order by r.intended_at desc limit 1`,
        [project, change],
      );
      return rows[0];
    },
    (report) => report !== undefined && good(report),
  );
}

/** Waits until nothing is built or posted any more: what other stories began would meet the faults of the next one. */
export async function allReported({ database }: Pick<World, 'database'>): Promise<void> {
  const query = `select (select count(*) from builds where state <> 'done') + (select count(*) from reports where state = 'intended') as left`;
  await until(
    async () => (await database.pool.query<{ left: string }>(query)).rows[0]?.left,
    (left) => left === '0',
  );
}

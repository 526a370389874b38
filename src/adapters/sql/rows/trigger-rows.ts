import type { Patchset } from '../../../domain/patchset.ts';
import type { FileRead, TriggerStore } from '../../../ports/trigger-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

export function triggerRows(db: Queryable): TriggerStore {
  return {
    askForFiles: async (eventId) => {
      await db.query(`update events set needs_files = true where id = $1`, [eventId]);
      await notify(db, 'files');
    },
    claimFileReads: (limit) => claimFileReads(db, limit),
    saveFiles: async (eventId, files) => {
      await db.query(`update events set needs_files = false, files = $2 where id = $1 and decision is null`, [
        eventId,
        JSON.stringify(files),
      ]);
      await notify(db, 'events');
    },
    putOffFileRead: async (eventId, pause, reason) => {
      await db.query(
        `update events set files_after = now() + make_interval(secs => $2::float / 1000), reason = $3 where id = $1 and decision is null`,
        [eventId, pause, reason],
      );
      await notify(db, 'status');
    },
    findKeptVerdict: (patchset, pipeline, kinds) => findKeptVerdict(db, patchset, pipeline, kinds),
  };
}

async function claimFileReads(db: Queryable, limit: number): Promise<readonly FileRead[]> {
  const { rows } = await db.query<{ id: string; connection: string; patchset: Patchset; files_tries: number }>(
    `update events set files_tries = files_tries + 1, files_after = now() + interval '1 minute'
     where id in (
       select id from events where needs_files and decision is null and files_after <= now()
       order by id limit $1 for update skip locked)
     returning id, connection, event -> 'patchset' as patchset, files_tries`,
    [limit],
  );
  return rows.map(({ id, connection, patchset, files_tries: tries }) => ({ eventId: id, connection, patchset, tries }));
}

async function findKeptVerdict(
  db: Queryable,
  patchset: Patchset,
  pipeline: string,
  kinds: readonly string[],
): Promise<number | undefined> {
  const { rows } = await db.query<{ patchset: number; isKept: boolean }>(
    `with recursive older as (
       select $3::integer - 1 as patchset
       union all
       select patchset - 1 from older
       where patchset > 1
         and exists (select from events e where e.connection = $1 and e.project = $6 and e.change_number = $2 and e.patchset = older.patchset
                       and e.type = 'patchset-created' and e.event ->> 'kind' = any($5))
         and not exists (select from buildsets s where s.connection = $1 and s.change_number = $2 and s.patchset = older.patchset
                           and s.pipeline = $4)),
     last as (
       select s.id, s.patchset, s.state from buildsets s join older using (patchset)
       where s.connection = $1 and s.change_number = $2 and s.pipeline = $4
       order by s.patchset desc, s.created_at desc limit 1)
     select last.patchset, last.state = 'done' and not exists (
       select from (select distinct on (job) result from builds where buildset = last.id order by job, attempt desc) b
       where b.result is null or b.result not in ('SUCCESS', 'FAILURE')) as "isKept"
     from last`,
    [patchset.connection, patchset.number, patchset.patchset, pipeline, kinds, patchset.project],
  );
  const [last] = rows;
  return last?.isKept ? last.patchset : undefined;
}

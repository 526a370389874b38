import type { UploadStore, UploadedLogs } from '../../../ports/upload-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { runningProcess } from './running-process.ts';

/** Longer than one file may take is not needed: the claim is renewed with every file, and a file that is sent twice is the same file. */
const claimSeconds = 120;
/** What publishes last of all has ended by then. */
const settled = `interval '1 minute'`;

/** Builds `b` whose logs are to be uploaded; `$1` is the place. A guard that is not closed yet still writes down calls. */
const toUpload = `b.state = 'done' and b.ended_at < now() - ${settled} and b.logs_expired_at is null
  and not exists (select from slots l where l.build = b.id and ${runningProcess('l.guard_holder')})
  and not exists (select from log_uploads u where u.build = b.id and u.place = $1 and u.stored_at is not null)`;

export function uploadRows(db: Queryable): UploadStore {
  return {
    claimUpload: (process, place) => claimUpload(db, process, place),
    renewUpload: async (process, buildId) => {
      const { rowCount } = await db.query(
        `update log_uploads u set claimed_until = now() + make_interval(secs => ${claimSeconds}) from builds b
         where u.build = $1 and u.claimed_by = $2 and b.id = u.build and b.logs_expired_at is null`,
        [buildId, process],
      );
      return rowCount === 1;
    },
    saveUploaded: async (process, buildId, { bytes, files }) => {
      await db.query(
        `update log_uploads set stored_at = now(), files = $3, bytes = $4, problem = null, claimed_by = null, claimed_until = null
         where build = $1 and claimed_by = $2`,
        [buildId, process, files, bytes],
      );
      await notify(db, 'status');
    },
    saveUploadDelayed: async (buildId, pause, problem) => {
      await db.query(
        `update log_uploads set next_try_at = now() + make_interval(secs => $2::float / 1000), problem = $3, stored_at = null,
           dropped_at = null, claimed_by = null, claimed_until = null
         where build = $1 and local_deleted_at is null`,
        [buildId, pause, problem],
      );
    },
    uploadBacklog: (place) => uploadBacklog(db, place),
    ...localRows(db),
    ...readingRows(db),
  };
}

function localRows(
  db: Queryable,
): Pick<UploadStore, 'dropLocalLogs' | 'droppedLogs' | 'saveLocalDeleted' | 'expiredUploads' | 'saveStoredRemoved'> {
  return {
    dropLocalLogs: async (place, age, limit) => {
      const { rowCount } = await db.query(
        `update log_uploads set dropped_at = now() where build in (
           select build from log_uploads where place = $1 and dropped_at is null and stored_at < now() - make_interval(secs => $2::float / 1000)
           order by stored_at limit $3 for update skip locked)`,
        [place, age, limit],
      );
      return rowCount ?? 0;
    },
    droppedLogs: (place, limit) =>
      logsWhere(
        db,
        `u.place = $1 and u.dropped_at is not null and u.local_deleted_at is null order by u.dropped_at limit $2`,
        [place, limit],
      ),
    saveLocalDeleted: async (buildId) => {
      await db.query(
        `update log_uploads set local_deleted_at = now() where build = $1 and dropped_at is not null and local_deleted_at is null`,
        [buildId],
      );
    },
    expiredUploads: (place, limit) =>
      logsWhere(
        db,
        `u.place = $1 and u.removed_at is null and b.logs_expired_at is not null and coalesce(u.claimed_until, now()) <= now() order by b.logs_expired_at limit $2`,
        [place, limit],
      ),
    saveStoredRemoved: async (buildId) => {
      await db.query(`update log_uploads set removed_at = now() where build = $1 and removed_at is null`, [buildId]);
    },
  };
}

function readingRows(db: Queryable): Pick<UploadStore, 'findStoredFolder' | 'foldersOfStored'> {
  const away = `u.place = $1 and u.dropped_at is not null and u.removed_at is null and b.logs_expired_at is null`;
  return {
    findStoredFolder: async (place, folders) => {
      const { rows } = await db.query<{ log_path: string }>(
        `select b.log_path from builds b join log_uploads u on u.build = b.id where ${away} and b.log_path = any($2) limit 1`,
        [place, folders],
      );
      return rows[0]?.log_path;
    },
    foldersOfStored: async (place, folder, limit) => {
      const { rows } = await db.query<{ name: string }>(
        `select distinct split_part(substr(b.log_path, length($2) + 1), '/', 1) as name from builds b join log_uploads u on u.build = b.id
         where ${away} and starts_with(b.log_path, $2) order by 1 limit $3`,
        [place, folder, limit],
      );
      return rows.map(({ name }) => name);
    },
  };
}

async function logsWhere(
  db: Queryable,
  condition: string,
  values: readonly unknown[],
): Promise<readonly UploadedLogs[]> {
  const { rows } = await db.query<{ build: string; log_path: string }>(
    `select u.build, b.log_path from log_uploads u join builds b on b.id = u.build where ${condition}`,
    [...values],
  );
  return rows.map(({ build, log_path: logPath }) => ({ buildId: build, logPath }));
}

/** A build that was in another place begins anew, unless its logs are nowhere else. */
async function claimUpload(db: Queryable, process: string, place: string): ReturnType<UploadStore['claimUpload']> {
  const { rows } = await db.query<{ build: string; attempts: number; log_path: string }>(
    `with next as (
       select b.id, b.log_path from builds b left join log_uploads v on v.build = b.id
       where ${toUpload} and coalesce(v.next_try_at, now()) <= now() and coalesce(v.claimed_until, now()) <= now()
         and v.local_deleted_at is null
       order by b.ended_at limit 1 for update of b skip locked)
     insert into log_uploads as u (build, place, attempts, claimed_by, claimed_until)
       select id, $1, 1, $2, now() + make_interval(secs => ${claimSeconds}) from next
     on conflict (build) do update set place = $1, attempts = u.attempts + 1, claimed_by = $2,
       claimed_until = now() + make_interval(secs => ${claimSeconds}), stored_at = null, dropped_at = null
       where coalesce(u.claimed_until, now()) <= now()
     returning build, attempts, (select log_path from next)`,
    [place, process],
  );
  const row = rows[0];
  return row && { buildId: row.build, logPath: row.log_path, attempts: row.attempts };
}

async function uploadBacklog(db: Queryable, place: string): ReturnType<UploadStore['uploadBacklog']> {
  const { rows } = await db.query<{ waiting: number; oldest: number; problem: string | null }>(
    `select count(*)::integer as waiting, coalesce(extract(epoch from now() - min(b.ended_at)) * 1000, 0)::float8 as oldest,
       (array_agg(v.problem order by v.next_try_at desc) filter (where v.problem is not null))[1] as problem
     from builds b left join log_uploads v on v.build = b.id where ${toUpload} and v.local_deleted_at is null`,
    [place],
  );
  const { oldest, problem, waiting } = rows[0]!;
  return { waiting, oldest, problem: optional(problem) };
}

import type { LogStore } from '../../../ports/log-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';
import { consoleRows } from './console-rows.ts';

/** Builds `b` whose logs nobody needs any more but for their age. */
const mayExpire = `b.state = 'done' and b.ended_at is not null and b.logs_expired_at is null
  and not exists (select from buildsets s where s.id = b.buildset and s.state = 'open')
  and not exists (select from reports r where r.buildset = b.buildset and r.state in ('intended', 'held'))
  and not exists (select from holds h where h.held_build = b.id and h.state <> 'ended')`;

/** Its logs take no room on the disk any more. */
const isAway = `exists (select from log_uploads u where u.build = b.id and u.local_deleted_at is not null)`;

const wasHeld = `exists (select from holds h where h.held_build = b.id)`;

export function logRows(db: Queryable): LogStore {
  return {
    ...consoleRows(db),
    expireLogs: async ({ failed, held, infra, passed }, limit) => {
      const { rowCount } = await db.query(
        `update builds set logs_expired_at = now(), logs_expired_for = 'age' where id in (
           select b.id from builds b where ${mayExpire} and b.ended_at < now() - make_interval(secs => (case
             when ${wasHeld} then $4::float
             when b.result in ('SUCCESS', 'ABORTED') then $1::float
             when b.result = 'NODE_FAILURE' then $3::float
             else $2::float end) / 1000)
           order by b.ended_at limit $5 for update of b skip locked)`,
        [passed, failed, infra, held, limit],
      );
      if (rowCount) await notify(db, 'status');
      return rowCount ?? 0;
    },
    expireOldestLogs: async (limit) => {
      const { rows } = await db.query<{ age: number }>(
        `update builds set logs_expired_at = now(), logs_expired_for = 'disk' where id in (
           select b.id from builds b where ${mayExpire} and b.ended_at < now() - interval '1 hour' and not ${isAway} order by ${wasHeld}, b.ended_at limit $1 for update of b skip locked)
         returning (extract(epoch from now() - ended_at) * 1000)::float as age`,
        [limit],
      );
      if (rows.length > 0) await notify(db, 'status');
      return rows.map(({ age }) => age);
    },
    expiredLogs: async (limit) => {
      const { rows } = await db.query<{ id: string; log_path: string }>(
        `select id, log_path from builds where logs_expired_at is not null and logs_deleted_at is null order by logs_expired_at limit $1`,
        [limit],
      );
      return rows.map((row) => ({ buildId: row.id, logPath: row.log_path }));
    },
    saveLogsDeleted: async (buildIds) => {
      await db.query(`update builds set logs_deleted_at = now() where id = any($1) and logs_deleted_at is null`, [
        buildIds,
      ]);
    },
    hasLostLogsWithin: async (age) => {
      const { rowCount } = await db.query(
        `select from builds where logs_expired_for = 'disk' and ended_at > now() - make_interval(secs => $1::float / 1000) limit 1`,
        [age],
      );
      return rowCount === 1;
    },
  };
}

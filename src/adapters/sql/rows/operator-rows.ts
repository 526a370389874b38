import { catalogue } from '../../../domain/errors.ts';
import type { OperatorStore } from '../../../ports/operator-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/**
 * Seconds to wait before a dead process's report is looked up on Gerrit: its last request may still be on its way, and a look that
 * comes too early would post a second comment.
 */
const settleSeconds = 5;

export function operatorRows(db: Queryable): OperatorStore {
  return {
    installationId: async () => {
      const { rows } = await db.query<{ id: string }>(`select id from installation`);
      return rows[0]!.id;
    },
    saveNotice: async ({ code, subject, text }) => {
      await db.query(
        `insert into notices (code, subject, text, todo) values ($1, $2, $3, $4)
         on conflict (code, subject) do update set text = excluded.text, todo = excluded.todo, last_at = now(), closed_at = null,
           opened_at = case when notices.closed_at is null then notices.opened_at else now() end,
           count = case when notices.closed_at is null then notices.count + 1 else 1 end`,
        [code, subject, text.slice(0, 2000).replaceAll('\0', '\ufffd'), catalogue[code].todo],
      );
      await notify(db, 'status');
    },
    closeNotice: async (code, subject) => {
      const { rowCount } = await db.query(
        `update notices set closed_at = now() where (code = $1 or $1 = 'all') and subject = $2 and closed_at is null`,
        [code, subject],
      );
      if (rowCount) await notify(db, 'status');
    },
    closeNoticesExcept: async (code, subjects) => {
      const { rowCount } = await db.query(
        `update notices set closed_at = now() where code = $1 and subject <> all($2) and closed_at is null`,
        [code, subjects],
      );
      if (rowCount) await notify(db, 'status');
    },
    deadProcesses: async (self) => {
      // A lock that can be taken belongs to nobody: its process is gone. It is given back when this transaction ends.
      const { rows } = await db.query<{ id: string }>(
        `with others as materialized (select id from processes where ended_at is null and id <> $1)
         select id from others where pg_try_advisory_xact_lock(hashtextextended('process ' || id, 0))`,
        [self],
      );
      return rows.map((row) => row.id);
    },
    takeOver: async (from, to) => {
      await db.query(`update processes set ended_at = now() where id = $1 and ended_at is null`, [from]);
      await db.query(`update servers set owner = $2 where owner = $1 and state = 'building'`, [from, to]);
      await db.query(`update images set owner = $2 where owner = $1`, [from, to]);
      await db.query(
        `update reports set next_try_at = now() + make_interval(secs => ${settleSeconds}) where claimed_by = $1 and state = 'intended'
           and next_try_at > now() + make_interval(secs => ${settleSeconds})`,
        [from],
      );
      // The owner changes with the end of the other process: whoever dies before the builds are resumed leaves them to be found again.
      const { rows } = await db.query<{ id: string }>(
        `update builds set owner = $2 where owner = $1 and state = 'running' returning id`,
        [from, to],
      );
      await notify(db, 'servers', 'images', 'reports');
      return rows.map((row) => row.id);
    },
  };
}

import type { LogStore, OldConsole } from '../../../ports/log-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/** What `servers` and `images` know of consoles that no build has. */
export function consoleRows(db: Queryable): Pick<LogStore, 'oldConsoles' | 'saveConsoleDeleted'> {
  return {
    oldConsoles: async (age, limit) => {
      const { rows } = await db.query<OldConsole>(
        `select "of", id, path from (
           select 'server' as "of", id, boot_log as path, since from servers where boot_log is not null and state = 'deleted'
           union all
           select 'image', id, log_path, since from images where logs_deleted_at is null and state in ('failed', 'deleted')
         ) c where since < now() - make_interval(secs => $1::float / 1000) order by since limit $2`,
        [age, limit],
      );
      return rows;
    },
    saveConsoleDeleted: async ({ id, of }) => {
      if (of === 'server') await db.query(`update servers set boot_log = null where id = $1`, [id]);
      else await db.query(`update images set logs_deleted_at = now() where id = $1`, [id]);
      await notify(db, 'status');
    },
  };
}

import type { LeftCloudStore } from '../../../ports/left-cloud-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

export function leftCloudRows(db: Queryable): LeftCloudStore {
  return {
    releaseServersOutside: async (configured) => {
      const { rowCount } = await db.query(
        `update servers set state = 'deleting', since = now(), next_try_at = now(), detail = 'Its cloud is no longer configured.'
         where cloud <> all($1) and state in ('building', 'ready') and build is null and purpose = 'build'`,
        [configured],
      );
      if (rowCount) await notify(db, 'servers', 'status');
    },
    serversOutside: async (configured) => {
      const { rows } = await db.query<{ cloud: string; names: readonly string[] }>(
        `select cloud, array_agg(name order by created_at) as names from servers where cloud <> all($1) and state <> 'deleted'
         group by cloud order by cloud`,
        [configured],
      );
      return new Map(rows.map(({ cloud, names }) => [cloud, names]));
    },
    closeNoticesOutside: async (configured) => {
      const { rowCount } = await db.query(
        `update notices set closed_at = now() where closed_at is null and (
           code in ('cloud-unreachable', 'cloud-auth', 'leftovers-found', 'leftover-stuck') and subject <> all($1)
           or code = 'server-stuck' and subject in (select name from servers where cloud <> all($1))
           or code = 'cloud-removed' and not exists (
             select from servers v where v.cloud = subject and v.cloud <> all($1) and v.state <> 'deleted'))`,
        [configured],
      );
      if (rowCount) await notify(db, 'status');
    },
    forgetServers: async (cloud) => {
      const { rows } = await db.query<{ name: string }>(
        `update servers set state = 'deleted', since = now(), detail = 'Forgotten by the operator.'
         where cloud = $1 and state = 'deleting' returning name`,
        [cloud],
      );
      await notify(db, 'servers', 'slots', 'queue', 'status');
      return rows.map(({ name }) => name);
    },
  };
}

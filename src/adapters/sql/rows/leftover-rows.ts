import type { KnownLeftover, Leftover, LeftoverStore } from '../../../ports/leftover-store.ts';
import type { Queryable } from '../connect.ts';

export function leftoverRows(db: Queryable): LeftoverStore {
  return {
    saveLeftovers: async (cloud, seen) => {
      const { rows } = await db.query<Leftover & { what: 'found' | 'deleted' }>(
        `with seen as (select distinct on (kind, id) kind, id, name from jsonb_to_recordset($2::jsonb) as r(kind text, id text, name text)),
         found as (
           insert into leftovers (cloud, kind, id, name) select $1, kind, id, name from seen on conflict do nothing returning kind, id, name),
         gone as (
           delete from leftovers l where l.cloud = $1 and not exists (select from seen s where s.kind = l.kind and s.id = l.id)
           returning kind, id, name, attempts)
         select 'found' as what, kind, id, name from found
         union all select 'deleted', kind, id, name from gone where attempts > 0`,
        [
          cloud,
          JSON.stringify(seen.map(({ kind, id, name }) => ({ kind, id, name }))).replaceAll('\\u0000', '\\ufffd'),
        ],
      );
      const changes = (wanted: string) =>
        rows.filter(({ what }) => what === wanted).map(({ kind, id, name }) => ({ kind, id, name }));
      return { found: changes('found'), deleted: changes('deleted') };
    },
    leftovers: async (cloud) => {
      const { rows } = await db.query<KnownLeftover>(
        `select kind, id, name, attempts, detail, extract(epoch from now() - found_at)::float8 * 1000 as age from leftovers
         where cloud = $1 order by found_at, kind, id`,
        [cloud],
      );
      return rows;
    },
    saveLeftoverAttempt: async (cloud, { kind, id }, detail) => {
      await db.query(
        `update leftovers set attempts = attempts + 1, detail = $4 where cloud = $1 and kind = $2 and id = $3`,
        [cloud, kind, id, detail.slice(0, 1000).replaceAll('\0', '\ufffd')],
      );
    },
  };
}

import type { CloudCapacity } from '../../../domain/capacity.ts';
import type { CloudStore, CounterStore } from '../../../ports/cloud-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/** Seconds between two looks at one cloud, by whichever process. */
const lookSeconds = 10;

export function cloudRows(db: Queryable): CloudStore & CounterStore {
  return {
    clouds: async () => {
      const { rows } = await db.query<CloudColumns>(
        `select name, healthy, detail, capacity, checked_at from clouds where checked_at is not null`,
      );
      return rows.map(({ capacity, checked_at, ...row }) => ({
        ...row,
        capacity: optional(capacity),
        checkedAt: checked_at.getTime(),
      }));
    },
    claimCloudLook: async (name) => {
      const { rowCount } = await db.query(
        `insert into clouds (name, next_try_at) values ($1, now() + make_interval(secs => ${lookSeconds}))
         on conflict (name) do update set next_try_at = excluded.next_try_at where clouds.next_try_at <= now()`,
        [name],
      );
      return rowCount === 1;
    },
    saveCloud: async (name, { healthy, detail, capacity, startedAt }) => {
      await db.query(
        `update clouds set healthy = $2, detail = $3, capacity = coalesce($4::jsonb, capacity),
           checked_at = case when $4 is null and checked_at is not null then checked_at else to_timestamp($5 / 1000.0) end where name = $1`,
        [name, healthy, detail.slice(0, 1000), capacity === undefined ? null : JSON.stringify(capacity), startedAt],
      );
      await notify(db, 'queue', 'status');
    },
    lookAtCloudSoon: async (name) => {
      await db.query(`update clouds set next_try_at = now() where name = $1`, [name]);
      await notify(db, 'clouds');
    },
    count: async (name, subject, by = 1) => {
      await db.query(
        `insert into counters (name, subject, value) values ($1, $2, $3)
         on conflict (name, subject) do update set value = counters.value + excluded.value`,
        [name, subject, by],
      );
    },
  };
}

interface CloudColumns {
  name: string;
  healthy: boolean;
  detail: string;
  capacity: CloudCapacity | null;
  checked_at: Date;
}

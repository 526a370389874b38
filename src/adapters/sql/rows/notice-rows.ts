import type { DueNotice, NoticeStore } from '../../../ports/notice-store.ts';
import { toTimestamp } from '../connect.ts';
import type { Queryable } from '../connect.ts';

/** What operators are told by mail and webhooks. */
export function noticeRows(db: Queryable): NoticeStore {
  return {
    dueNotices: (channel, timing, limit) => dueNotices(db, channel, timing, limit),
    claimChannel: async (channel, milliseconds) => {
      const { rows } = await db.query<{ failures: number }>(
        `insert into notice_channels as c (name, next_at) values ($1, now() + make_interval(secs => $2::float / 1000))
         on conflict (name) do update set next_at = excluded.next_at where c.next_at <= now() returning failures`,
        [channel, milliseconds],
      );
      return rows[0]?.failures;
    },
    saveTold: async (channel, notices, pause) => {
      // One statement: a message that was sent is noted whole, or told again whole.
      await db.query(
        `with told as (
           insert into told_notices (channel, code, subject, opened_at)
           select $1::text, * from unnest($2::text[], $3::text[], $4::timestamptz[])
           on conflict (channel, code, subject) do update set opened_at = excluded.opened_at, told_at = now())
         update notice_channels set failures = 0, next_at = now() + make_interval(secs => $5::float / 1000) where name = $1`,
        [
          channel,
          notices.map(({ code }) => code),
          notices.map(({ subject }) => subject),
          notices.map(({ openedAt }) => toTimestamp(openedAt)),
          pause,
        ],
      );
    },
    saveChannelFailed: async (channel, pause) => {
      await db.query(
        `update notice_channels set failures = failures + 1, next_at = now() + make_interval(secs => $2::float / 1000) where name = $1`,
        [channel, pause],
      );
    },
  };
}

interface NoticeColumns {
  readonly code: string;
  readonly subject: string;
  readonly text: string;
  readonly todo: string;
  readonly count: number;
  readonly opened_at: Date;
  readonly told_at: Date | null;
}

async function dueNotices(
  db: Queryable,
  channel: string,
  { after, again, remind }: Parameters<NoticeStore['dueNotices']>[1],
  limit: number,
): Promise<readonly DueNotice[]> {
  const { rows } = await db.query<NoticeColumns>(
    `select n.code, n.subject, n.text, n.todo, n.count, n.opened_at, t.told_at
     from notices n left join told_notices t on t.channel = $1 and t.code = n.code and t.subject = n.subject
     where n.closed_at is null and not (n.code = 'notice-unsent' and n.subject = $1)
       and n.opened_at <= now() - make_interval(secs => $2::float / 1000)
       and (t.told_at is null
         or (t.told_at <= now() - make_interval(secs => $3::float / 1000) and t.opened_at < date_trunc('milliseconds', n.opened_at))
         or t.told_at <= now() - make_interval(secs => $4::float / 1000))
     order by n.opened_at, n.code, n.subject limit $5`,
    [channel, after, again, remind ?? null, limit],
  );
  return rows.map((row) => ({
    code: row.code,
    subject: row.subject,
    text: row.text,
    todo: row.todo,
    count: row.count,
    openedAt: row.opened_at.getTime(),
    toldAt: row.told_at?.getTime(),
  }));
}

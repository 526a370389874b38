import { createHash } from 'node:crypto';
import type { ReviewEvent } from '../../../domain/event.ts';
import { isSameComment } from '../../../domain/pair-comments.ts';
import type { HeardEvent } from '../../../ports/journal-store.ts';
import type { Queryable } from '../connect.ts';

type Comment = ReviewEvent & { readonly type: 'comment-added' };
type HeardComment = HeardEvent & { readonly event: Comment };

/**
 * A comment comes twice, once over the stream and once from REST, and the two views share no id. Returns the events whose other view,
 * or which themselves, are in the journal already. A view that is paired leaves its key on the other's row: REST is read again and
 * again, and must find it. Each view pairs once, so two equal comments in a minute stay two.
 */
export async function pairComments(db: Queryable, events: readonly HeardEvent[]): Promise<ReadonlySet<HeardEvent>> {
  const comments = events.filter(isComment);
  if (comments.length === 0) return new Set();
  const known = await knownKeys(
    db,
    comments[0]!.connection,
    comments.map(({ key }) => key),
  );
  const unknown = comments.filter(({ key }) => !known.has(key));
  const pairs = await findPairs(db, unknown);
  for (const [comment, id] of pairs)
    await db.query(`update events set paired_key = $2 where id = $1`, [id, comment.key]);
  return new Set([...comments.filter(({ key }) => known.has(key)), ...pairs.keys()]);
}

/** Who said something on which patchset; undefined for what needs no pairing. */
export function pairKey(heard: HeardEvent): string | undefined {
  if (!isComment(heard)) return undefined;
  const { patchset, author } = heard.event;
  return createHash('sha256')
    .update(`${patchset.number},${patchset.patchset} ${author.username ?? author.name}`)
    .digest('hex');
}

function isComment(heard: HeardEvent): heard is HeardComment {
  return heard.event.type === 'comment-added' && heard.source !== 'manual';
}

export async function knownKeys(
  db: Queryable,
  connection: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await db.query<{ key: string }>(
    // Two looks, not one with `or`: PostgreSQL would read the whole journal, because no index has both columns.
    `select key from events where connection = $1 and key = any($2)
     union all select paired_key from events where connection = $1 and paired_key = any($2)`,
    [connection, keys],
  );
  return new Set(rows.map(({ key }) => key));
}

async function findPairs(db: Queryable, comments: readonly HeardComment[]): Promise<ReadonlyMap<HeardEvent, string>> {
  const pairs = new Map<HeardEvent, string>();
  if (comments.length === 0) return pairs;
  const { connection, source } = comments[0]!;
  const { rows } = await db.query<{ id: string; pair_key: string; event: Comment }>(
    `select id, pair_key, event from events
     where connection = $1 and pair_key = any($2) and source <> $3 and paired_key is null order by id`,
    [connection, comments.map(pairKey), source],
  );
  const taken = new Set<string>();
  for (const comment of comments) {
    const other = rows.find(
      ({ id, pair_key, event }) =>
        pair_key === pairKey(comment) && !taken.has(id) && isSameComment(event, comment.event),
    );
    if (!other) continue;
    taken.add(other.id);
    pairs.set(comment, other.id);
  }
  return pairs;
}

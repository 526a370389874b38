import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase } from '../../../../test/test-database.ts';
import type { TestDatabase } from '../../../../test/test-database.ts';
import type { HeardEvent } from '../../../ports/journal-store.ts';
import { createSqlStore } from '../sql-store.ts';

const patchset = {
  connection: 'review',
  project: 'openstack/nova',
  branch: 'master',
  number: 1,
  changeId: 'I1',
  subject: 'subject',
  owner: 'dev',
  url: 'http://review/1',
  patchset: 1,
  revision: 'r1',
  ref: 'refs/changes/01/1/1',
};

function comment(source: 'stream' | 'backfill', key: string, texts: readonly string[], createdAt = 0): HeardEvent {
  const author = { username: 'dev', name: 'Dee' };
  return {
    connection: 'review',
    key,
    source,
    event: { type: 'comment-added', patchset, author, texts, messageId: undefined, createdAt },
  };
}

describe('a comment heard over the stream and read by REST', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  test.each(['stream', 'backfill'] as const)(
    'is one event when the %s tells it first, however often REST is read',
    async (first) => {
      const store = createSqlStore(database.pool);
      const views = [comment('stream', 'a', ['recheck'], 1000), comment('backfill', 'message:1', ['', 'recheck'], 0)];
      const inOrder = first === 'stream' ? views : views.toReversed();

      const counts: number[] = [];
      for (const view of [...inOrder, ...inOrder, ...inOrder]) counts.push(await store.appendEvents([view]));

      expect(counts).toEqual([1, 0, 0, 0, 0, 0]);
    },
  );

  test('stays two events when it was really said twice', async () => {
    const store = createSqlStore(database.pool);

    await store.appendEvents([comment('stream', 'a', ['recheck'], 0), comment('stream', 'b', ['recheck'], 5000)]);
    const appended = await store.appendEvents([
      comment('backfill', 'message:1', ['recheck'], 0),
      comment('backfill', 'message:2', ['recheck'], 5000),
    ]);

    expect(appended).toBe(0);
    expect(await store.undecidedEvents(10)).toHaveLength(2);
  });

  test('is new when REST tells more comments than the stream', async () => {
    const store = createSqlStore(database.pool);
    await store.appendEvents([comment('stream', 'a', ['recheck'], 0)]);

    const appended = await store.appendEvents([
      comment('backfill', 'message:1', ['recheck'], 0),
      comment('backfill', 'message:2', ['recheck'], 5000),
    ]);

    expect(appended).toBe(1);
  });
});

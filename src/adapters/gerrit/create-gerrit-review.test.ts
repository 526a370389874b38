import { expect, it } from 'vitest';
import { isBranchEvent } from '../../domain/event.ts';
import type { ChangeEvent } from '../../domain/event.ts';
import { createGerritReview } from './create-gerrit-review.ts';
import { eventKey } from './event-key.ts';
import { accessTo, readLines, readRecorded } from './testing/recorded.ts';
import { replay, startReplayServer } from './testing/replay-server.ts';
import type { ReplayServer } from './testing/replay-server.ts';

const projects = ['openstack/nova', 'openstack/nova-*'];

/** The recorded Gerrit: one page of changes, comments and revisions of change 1. */
function startRecordedGerrit(): Promise<ReplayServer> {
  return startReplayServer((request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/a/changes/?q=')) return replay(response, readRecorded('rest-recover-changes'));
    if (path.endsWith('~1/comments')) return replay(response, readRecorded('rest-change-comments'));
    if (path.includes('~1?o=ALL_REVISIONS') || path.includes('/1?o='))
      return replay(response, readRecorded('rest-change-all-revisions'));
    if (path.endsWith('/messages')) return replay(response, readRecorded('rest-change-messages'));
    replay(response, { status: 404, body: 'Not found\n' });
  });
}

async function collect(events: AsyncIterable<ChangeEvent>): Promise<ChangeEvent[]> {
  const all: ChangeEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** A key without the second of a comment, which stream and REST do not share. */
function looseKey(event: ChangeEvent): string {
  return event.type === 'patchset-created' ? eventKey(event) : eventKey(event).replace(/:\d+$/, '');
}

it('finds by REST what the recorded stream said about open changes', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));
  const heard = new Map<string, ChangeEvent>();
  for (const line of readLines('stream-events.jsonl')) {
    const parsed = gerrit.parseLine(line);
    if (parsed.kind !== 'event' || isBranchEvent(parsed.event)) continue;
    heard.set(looseKey(parsed.event), parsed.event);
  }

  const found = await collect(gerrit.eventsSince(0, projects));

  expect(found.filter((event) => event.type === 'patchset-created')).toHaveLength(8);
  expect(found.filter((event) => event.type === 'comment-added')).toHaveLength(14);
  for (const event of found) expect(heard.get(looseKey(event))?.type, looseKey(event)).toBe(event.type);
  expect(found.map((event) => event.createdAt)).toEqual(
    found.map((event) => event.createdAt).toSorted((a, b) => a - b),
  );
});

it('finds the patchset-level recheck that the change message hides, on its older patchset', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  const found = await collect(gerrit.eventsSince(0, projects));

  expect(found).toContainEqual({
    type: 'comment-added',
    patchset: expect.objectContaining({
      project: 'openstack/nova',
      number: 1,
      patchset: 3,
      revision: 'ebf5c5a1e3fa8ba602e705b1ad81d00c9eea0d5e',
      ref: 'refs/changes/01/1/3',
      owner: expect.any(String),
    }),
    facts: expect.objectContaining({ isWorkInProgress: false }),
    approvals: [],
    author: { username: 'dev', name: 'Dee Veloper' },
    texts: ['recheck zvm-ci (patchset level)'],
    messageId: '45a6fd679b7179e2bf5206cae3d934333a068518',
    createdAt: Date.UTC(2026, 10, 22, 15, 2, 39),
  });
});

it('asks nothing more about messages that are known', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));
  const asked: string[] = [];

  const found = await collect(
    gerrit.eventsSince(0, projects, async (messages) => {
      asked.push(...messages.map(({ project, change, id }) => `${project} ${change} ${id}`));
      return new Set(messages.map(({ id }) => id));
    }),
  );

  expect(asked).toContain('openstack/nova 1 45a6fd679b7179e2bf5206cae3d934333a068518');
  expect(found.filter((event) => event.type === 'comment-added')).toEqual([]);
  expect(found.filter((event) => event.type === 'patchset-created')).toHaveLength(8);
  expect(server.requests).toHaveLength(1);
});

it('leaves out what is older, closed, of another project, or said by robots', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  const late = await collect(gerrit.eventsSince(Date.UTC(2026, 10, 22, 15, 4, 45), projects));
  const elsewhere = await collect(gerrit.eventsSince(0, ['openstack/cinder']));
  const none = await collect(gerrit.eventsSince(0, []));

  expect(late.map((event) => event.type)).toEqual(['patchset-created', 'comment-added']);
  expect(elsewhere).toEqual([]);
  expect(none).toEqual([]);
});

it('pages with an overlap, reads smaller pages where one is too large, and tells a change once', async () => {
  const [row] = readRecorded('rest-recover-changes').body as Record<string, unknown>[];
  const rows = Array.from({ length: 30 }, (_, index) => ({ ...row, _number: 1000 + index }));
  await using server = await startReplayServer((request, response) => {
    const search = new URL(request.url ?? '', 'http://x').searchParams;
    const start = Number(search.get('S'));
    const size = Number(search.get('n'));
    if (size === 100) return replay(response, { status: 200, body: { padding: 'x'.repeat(17 * 1024 * 1024) } });
    const page = rows
      .slice(start, start + size)
      .map((change, index, all) =>
        start + size < rows.length && index === all.length - 1 ? { ...change, _more_changes: true } : change,
      );
    replay(response, { status: 200, body: [{ _number: 'malformed' }, ...page] });
  });
  const gerrit = createGerritReview(accessTo({ url: server.url, requestTimeout: 20_000 }));

  const found = await collect(gerrit.eventsSince(0, projects));

  const patchsets = found.flatMap((event) => (event.type === 'patchset-created' ? [event.patchset.number] : []));
  expect(patchsets.toSorted((a, b) => a - b)).toEqual(rows.map((change) => change._number));
});

it('finds a patchset by number, the current one without', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  const [current, second] = await Promise.all([gerrit.findPatchset(1, undefined), gerrit.findPatchset(1, 2)]);

  expect([current.patchset.patchset, second.patchset.ref]).toEqual([4, 'refs/changes/01/1/2']);
  await expect(gerrit.findPatchset(1, 9)).rejects.toMatchObject({ code: 'not-found' });
  await expect(gerrit.findPatchset(99, undefined)).rejects.toMatchObject({ code: 'not-found' });
});

it('knows its own comment by account, patchset and text', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));
  const other = createGerritReview(accessTo({ url: server.url, username: 'dev' }));
  const target = {
    project: 'openstack/nova',
    change: 1,
    patchset: 3,
    revision: 'ebf5c5a1e3fa8ba602e705b1ad81d00c9eea0d5e',
  };

  expect(await gerrit.hasOwnComment(target, 'zvm-check pipeline')).toBe(true);
  expect(await gerrit.hasOwnComment(target, 'another text')).toBe(false);
  expect(await gerrit.hasOwnComment({ ...target, patchset: 2 }, 'zvm-check pipeline')).toBe(false);
  expect(await other.hasOwnComment(target, 'zvm-check pipeline')).toBe(false);
});

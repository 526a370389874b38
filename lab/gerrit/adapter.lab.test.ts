import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGerritReview } from '../../src/adapters/gerrit/create-gerrit-review.ts';
import { isBranchEvent } from '../../src/domain/event.ts';
import type { ReviewEvent } from '../../src/domain/event.ts';
import type { CodeReview, Review } from '../../src/ports/code-review.ts';
import { accessAs, labGerrit } from './lab-gerrit.ts';
import { pushChange } from './push-change.ts';
import type { NewPatchset, PushedPatchset } from './push-change.ts';
import { actAs, changeOf, commentAs } from './review-as.ts';
import type { RealGerrit } from './start-gerrit.ts';

const lab = labGerrit();
const project = 'example/zvm-driver';
const allTypes = [
  'patchset-created',
  'comment-added',
  'change-abandoned',
  'change-merged',
  'change-restored',
  'ready-for-review',
  'made-public',
] as const;

describe.skipIf(!lab)('the client on a real Gerrit', () => {
  const gerrit = lab as RealGerrit;

  function client(): CodeReview {
    return createGerritReview(accessAs(gerrit, 'zvm-ci'));
  }

  function push(change: Partial<NewPatchset> = {}): Promise<PushedPatchset> {
    const { username, password } = gerrit.accounts.dev;
    const files = { 'driver.txt': `${change.subject ?? 'one'}\n` };
    return pushChange({ url: gerrit.url, username, password, project, subject: 'Add a thing', files, ...change });
  }

  describe('hearing', () => {
    const closing = new AbortController();
    const heard: ReviewEvent[] = [];
    let review: CodeReview;

    beforeAll(async () => {
      review = client();
      const onLine = (line: string) => keepEvent(review, line, heard);
      await review.openStream({ onLine, types: allTypes, signal: closing.signal });
    });
    afterAll(() => closing.abort());

    it('hears a pushed change with all a build needs', async () => {
      const pushed = await push({ subject: 'Größe ✓ <b>' });

      const event = await eventually(() =>
        heard.find((one) => one.type === 'patchset-created' && one.patchset.revision === pushed.revision),
      );

      expect(event).toEqual({
        type: 'patchset-created',
        kind: 'REWORK',
        createdAt: expect.any(Number),
        facts: { isWorkInProgress: false, isPrivate: false, topic: undefined, hashtags: [] },
        patchset: {
          connection: 'lab',
          project,
          branch: 'master',
          number: pushed.change,
          changeId: pushed.changeId,
          subject: 'Größe ✓ <b>',
          owner: 'dev',
          url: `${gerrit.url}/c/example/zvm-driver/+/${pushed.change}`,
          patchset: 1,
          revision: pushed.revision,
          ref: pushed.ref,
        },
      });
    });

    it('hears a recheck by REST, one as patchset-level comment, and finds both again afterwards', async () => {
      const since = Date.now() - 2000;
      const first = await push({ subject: 'First' });
      await push({ subject: 'Second', changeId: first.changeId });
      await commentAs(gerrit, 'dev', first, { message: 'recheck', labels: { 'Code-Review': -1 } });
      // In the same second, Gerrit's REST interface would give the text to the first message.
      await wait(1100);
      await commentAs(gerrit, 'dev', first, { comments: { '/PATCHSET_LEVEL': [{ message: 'recheck zvm\n\nflaky' }] } });

      await eventually(() => (heard.filter((one) => isAbout(one, first)).length === 4 ? true : undefined));
      const backfill = await collect(review.eventsSince(since, ['example/*']));

      const live = heard.filter((one) => isAbout(one, first)).map(comparable);
      const found = backfill.filter((one) => isAbout(one, first)).map(comparable);
      expect(live.map(({ texts }) => texts)).toEqual([undefined, undefined, ['recheck'], ['recheck zvm\n\nflaky']]);
      // REST knows the current patchset only; comments keep theirs.
      expect(found).toEqual(live.slice(1));
    });

    it('hears that changes were restored, became ready and became public, and finds all of it again afterwards', async () => {
      const since = Date.now() - 2000;
      const restored = await push({ subject: 'To be restored' });
      for (const action of ['abandon', 'restore']) await actAs(gerrit, 'admin', `${changeOf(restored)}/${action}`, {});
      const ready = await push({ subject: 'To be ready', option: 'wip' });
      await actAs(gerrit, 'admin', `${changeOf(ready)}/ready`, {});
      const revealed = await push({ subject: 'To be public', option: 'private' });
      await actAs(gerrit, 'admin', `${changeOf(revealed)}/private.delete`, {});
      const expected = [
        [restored, 'change-restored'],
        [ready, 'ready-for-review'],
        [revealed, 'made-public'],
      ] as const;

      for (const [pushed, type] of expected)
        await eventually(() => heard.find((one) => one.type === type && isAbout(one, pushed)));
      const backfill = await collect(review.eventsSince(since, [project]));

      for (const [pushed, type] of expected) {
        const [live] = heard.filter((one) => one.type === type && isAbout(one, pushed));
        const [found] = backfill.filter((one) => one.type === type && isAbout(one, pushed));
        expect({ ...found, createdAt: 0 }).toEqual({ ...live, createdAt: 0 });
      }
      expect(heard.some((one) => one.type === 'patchset-created' && isAbout(one, revealed))).toBe(false);
    });

    it('hears that only the commit message of a patchset changed, and finds that by REST', async () => {
      const since = Date.now() - 2000;
      const files = { 'a.txt': `${Math.random()}` };
      const first = await push({ subject: 'A subject', files });
      const second = await push({ subject: 'A better subject', files, changeId: first.changeId });

      const live = await eventually(() =>
        heard.find((one) => one.type === 'patchset-created' && one.patchset.revision === second.revision),
      );
      const backfill = await collect(review.eventsSince(since, [project]));

      expect(live).toMatchObject({ kind: 'NO_CODE_CHANGE' });
      expect(backfill.find((one) => one.type === 'patchset-created' && isAbout(one, second))).toEqual(live);
    });

    it('hears that a change was abandoned and then merged another', async () => {
      const abandoned = await push({ subject: 'To be abandoned' });
      await actAs(gerrit, 'admin', `${changeOf(abandoned)}/abandon`, {});
      const merged = await push({ subject: 'To be merged' });
      await commentAs(gerrit, 'admin', merged, { labels: { 'Code-Review': 2 } });
      await actAs(gerrit, 'zuul', `${changeOf(merged)}/submit`, {});
      const tips = await client().branchTips(merged.project);
      expect(tips).toContainEqual(expect.objectContaining({ ref: 'refs/heads/master', revision: merged.revision }));
      expect(tips.every(({ ref }) => ref.startsWith('refs/heads/'))).toBe(true);

      await eventually(() =>
        heard.find((one) => one.type === 'change-abandoned' && one.change.number === abandoned.change),
      );
      await eventually(() => heard.find((one) => one.type === 'change-merged' && one.change.number === merged.change));
      const backfill = await collect(review.eventsSince(0, [project]));

      expect(backfill.some((one) => isAbout(one, abandoned) || isAbout(one, merged))).toBe(false);
    });
  });

  describe('asking', () => {
    it.each([['example/zvm-driver'], ['example/*'], ['*/zvm-driver'], ['*']])(
      'finds changes of %s',
      async (pattern) => {
        const since = Date.now() - 2000;
        const pushed = await push({ subject: 'Findable' });

        const found = await collect(client().eventsSince(since, ['openstack/nova', pattern]));

        expect(found.some((one) => isAbout(one, pushed))).toBe(true);
        expect(await collect(client().eventsSince(since, ['openstack/nova', 'example/other*']))).toEqual([]);
      },
    );

    it('reads which files a patchset touches', async () => {
      const files = { 'nova/virt/zvm/driver.py': `${Math.random()}`, 'doc/größe ✓.rst': `${Math.random()}` };
      const { change, ...pushed } = await push({ subject: 'Files', files });

      const touched = await client().changedFiles({ ...pushed, change });

      expect(touched.toSorted()).toEqual(Object.keys(files).toSorted());
      await expect(client().changedFiles({ ...pushed, change: 999_999 })).rejects.toMatchObject({ code: 'not-found' });
    });

    it('knows the newest patchset of a change at once', async () => {
      const first = await push({ subject: 'Newest' });
      const before = await client().currentPatchset(first);
      const second = await push({ subject: 'Newest, changed', changeId: first.changeId });

      expect([before, await client().currentPatchset(first), await client().currentPatchset(second)]).toEqual([
        1, 2, 2,
      ]);
      await expect(client().currentPatchset({ ...first, change: 999_999 })).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('reads what another account said, by its user name and by its full name', async () => {
      const pushed = await push();
      await commentAs(gerrit, 'nonevoter', pushed, { message: 'Build failed (check pipeline).' });
      await commentAs(gerrit, 'dev', pushed, { message: 'Why?' });

      for (const account of ['nonevoter', 'Other CI'])
        expect(await client().messagesBy(account, pushed)).toEqual([
          { at: expect.any(Number), patchset: 1, text: 'Patch Set 1:\n\nBuild failed (check pipeline).' },
        ]);
      expect(await client().messagesBy('nobody', pushed)).toEqual([]);
    });

    it('finds a patchset by number and says so when there is none', async () => {
      const first = await push({ subject: 'Numbered' });
      const second = await push({ subject: 'Numbered again', changeId: first.changeId });

      const current = await client().findPatchset(first.change, undefined);
      const older = await client().findPatchset(first.change, 1);

      expect(current.patchset).toMatchObject({ patchset: 2, revision: second.revision, ref: second.ref, owner: 'dev' });
      expect(older.patchset).toMatchObject({ patchset: 1, revision: first.revision, ref: first.ref });
      await expect(client().findPatchset(first.change, 3)).rejects.toMatchObject({ code: 'not-found' });
      await expect(client().findPatchset(999_999, undefined)).rejects.toMatchObject({ code: 'not-found' });
    });
  });

  describe('reporting', () => {
    it('votes, and knows its own comment afterwards', async () => {
      const pushed = await push();
      const review = reviewOf(pushed, { label: 'Verified', value: 1 });

      const before = await client().hasOwnComment(review, 'Build succeeded');
      const posted = await client().postReview(review);
      const after = await client().hasOwnComment(review, 'Build succeeded');
      const others = await createGerritReview(accessAs(gerrit, 'nonevoter')).hasOwnComment(review, 'Build succeeded');

      expect([before, posted.outcome, after, others]).toEqual([false, 'voted', true, false]);
    });

    it('says that the account may not vote, and that nothing was posted', async () => {
      const pushed = await push();
      const other = createGerritReview(accessAs(gerrit, 'nonevoter'));
      const review = reviewOf(pushed, { label: 'Verified', value: 1 });

      const refused = await other.postReview(review);
      const posted = await other.hasOwnComment(review, 'Build succeeded');
      const commented = await other.postReview({ ...review, vote: undefined });

      expect([refused.outcome, posted, commented.outcome]).toEqual(['refused', false, 'commented']);
      expect(refused.detail).toContain('restricted');
    });

    it.each([
      { label: 'Nope', value: 1 },
      { label: 'Verified', value: 5 },
    ])('says that Gerrit dropped the vote $label $value', async (vote) => {
      const pushed = await push();

      const posted = await client().postReview(reviewOf(pushed, vote));

      expect(posted.outcome).toBe('dropped');
      expect(await client().hasOwnComment(reviewOf(pushed, vote), 'Build succeeded')).toBe(true);
    });

    it('says that an abandoned change takes no vote, and comments on it', async () => {
      const pushed = await push();
      await actAs(gerrit, 'admin', `${changeOf(pushed)}/abandon`, {});

      const voted = await client().postReview(reviewOf(pushed, { label: 'Verified', value: -1 }));
      const commented = await client().postReview(reviewOf(pushed, undefined));

      expect([voted.outcome, commented.outcome]).toEqual(['closed', 'commented']);
    });

    it('throws for a wrong password and an unknown patchset', async () => {
      const pushed = await push();
      const stranger = createGerritReview(accessAs(gerrit, 'zvm-ci', { password: 'wrong' }));
      const unknown = { ...reviewOf(pushed, undefined), revision: 'deadbeef'.repeat(5) };

      await expect(stranger.postReview(reviewOf(pushed, undefined))).rejects.toMatchObject({ code: 'gerrit-auth' });
      await expect(client().postReview(unknown)).rejects.toMatchObject({ code: 'not-found' });
    });
  });
});

function reviewOf(pushed: PushedPatchset, vote: Review['vote']): Review {
  return { ...pushed, message: 'Build succeeded (check pipeline).', tag: 'autogenerated:zvm-ci:check', vote };
}

function keepEvent(review: CodeReview, line: string, heard: ReviewEvent[]): void {
  const parsed = review.parseLine(line);
  if (parsed.kind === 'event') heard.push(parsed.event);
}

function isAbout(event: ReviewEvent, pushed: PushedPatchset): boolean {
  if (isBranchEvent(event)) return false;
  const change = 'patchset' in event ? event.patchset : event.change;
  return change.number === pushed.change;
}

/** Without what only one of stream and REST knows: message id, and the exact second of a comment. */
function comparable(event: ReviewEvent): Partial<ReviewEvent> & { texts?: readonly string[] } {
  if (event.type !== 'comment-added') return event;
  const { createdAt: _createdAt, messageId: _messageId, ...same } = event;
  return same;
}

async function collect(events: AsyncIterable<ReviewEvent>): Promise<ReviewEvent[]> {
  const all: ReviewEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function eventually<T>(look: () => T | undefined): Promise<T> {
  return expect
    .poll(look, { timeout: 20_000, interval: 20 })
    .toBeDefined()
    .then(() => look() as T);
}

import { expect, test } from 'vitest';
import { commentAs } from '../../../lab/gerrit/review-as.ts';
import type { Stage } from './stage.ts';
import { decided } from './trigger-stories.ts';

/** What a patchset touches decides whether it is tested, and how soon. */
export function fileStories(on: () => Stage): void {
  test('documentation is not tested, until somebody asks for this CI by its name', async () => {
    const { gerrit, push, says } = on();
    const pushed = await push(
      {},
      { files: { 'doc/source/zvm.rst': `${Math.random()}`, 'releasenotes/notes/x.yaml': 'x' } },
    );
    await decided(on(), pushed, 'patchset-created', /touches only what needs no test here: docs, release-notes/);

    await commentAs(gerrit, 'dev', pushed, { message: 'recheck' });
    await decided(on(), pushed, 'comment-added', /touches only what needs no test here/);
    await commentAs(gerrit, 'dev', pushed, { message: 'run-Example z/VM CI' });

    // Without a story the job ends in an error, which never votes: it ran.
    await says(pushed, { comments: [1], verified: 0 });
  });

  test('a patchset of the driver goes first', async () => {
    const { push, says, world } = on();
    const salt = `${Math.random()}`;
    const pushed = await push(
      {},
      { files: { 'nova/virt/zvm/driver.py': salt, 'story.json': JSON.stringify({ salt }) } },
    );
    await says(pushed, { comments: [1], verified: 1 });

    const query = `select priority from buildsets where change_number = $1`;
    const { rows } = await world.database.pool.query<{ priority: number }>(query, [pushed.change]);
    expect(rows).toEqual([{ priority: 7 }]);
  });

  test('a new patchset with another commit message only keeps the result', async () => {
    const { push, says } = on();
    const files = { 'story.json': JSON.stringify({ salt: Math.random() }) };
    const first = await push({}, { files });
    await says(first, { comments: [1], verified: 1 });

    const second = await push({}, { files, changeId: first.changeId, subject: 'The same with another story' });
    await decided(on(), second, 'patchset-created', /No code changed since patchset 1: its result in check counts/);

    // Gerrit carries the vote over: the label's copy condition says so.
    await says(second, { comments: [1], verified: 1 });
  });
}

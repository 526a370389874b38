import { describe, expect, it } from 'vitest';
import { createGerritReview } from '../../src/adapters/gerrit/create-gerrit-review.ts';
import { openAncestors } from '../../src/domain/dependencies.ts';
import { createDependencyCache, followDependencies } from '../../src/flow/follow-dependencies.ts';
import { accessAs, labGerrit } from './lab-gerrit.ts';
import { pushChange } from './push-change.ts';
import type { NewPatchset, PushedPatchset } from './push-change.ts';
import { actAs, changeOf, commentAs } from './review-as.ts';
import type { RealGerrit } from './start-gerrit.ts';

const lab = labGerrit();
const project = 'example/zvm-driver';

describe.skipIf(!lab)('what a change depends on, on a real Gerrit', () => {
  const gerrit = lab as RealGerrit;
  const review = lab && createGerritReview(accessAs(gerrit, 'zvm-ci'));

  function push(change: Partial<NewPatchset> = {}): Promise<PushedPatchset> {
    const { username, password } = gerrit.accounts.dev;
    const files = { 'driver.txt': `${Math.random()}\n` };
    return pushChange({ url: gerrit.url, username, password, project, subject: 'A thing', files, ...change });
  }

  async function below(pushed: PushedPatchset): Promise<readonly string[]> {
    const chain = await review!.relatedChanges(pushed);
    return openAncestors(pushed.revision, chain).map(
      ({ number, patchset, isOutdated }) => `${number},${patchset}${isOutdated ? ' outdated' : ''}`,
    );
  }

  async function follow(pushed: PushedPatchset) {
    const { patchset } = await review!.findPatchset(pushed.change, pushed.patchset);
    const reviews = new Map([['lab', { review: review!, username: 'zvm-ci' }]]);
    const found = await followDependencies({ reviews }, patchset, createDependencyCache());
    return found.kind === 'refused' ? found.reason : found.dependencies.changes.map(({ number }) => number);
  }

  it('tells a relation chain, with what is outdated and without what is merged', async () => {
    const first = await push();
    const second = await push({ onTopOf: first.ref });
    const third = await push({ onTopOf: second.ref });
    const chain = await below(third);
    await push({ changeId: second.changeId, onTopOf: first.ref });
    const outdated = await below(third);
    await commentAs(gerrit, 'admin', first, { labels: { 'Code-Review': 2 } });
    await actAs(gerrit, 'zuul', `${changeOf(first)}/submit`, {});

    expect(chain).toEqual([`${second.change},1`, `${first.change},1`]);
    expect(outdated).toEqual([`${second.change},1 outdated`, `${first.change},1`]);
    expect(await below(third)).toEqual([`${second.change},1 outdated`]);
    expect(await below(await push())).toEqual([]);
  });

  it('finds changes by number and Change-Id, with message and state', async () => {
    const pushed = await push({ body: 'Depends-On: I0123' });
    await actAs(gerrit, 'dev', `${changeOf(pushed)}/abandon`, {});

    const [byNumber] = await review!.findChanges({ number: pushed.change });
    const byId = await review!.findChanges({ changeId: pushed.changeId });

    expect(byNumber).toMatchObject({ status: 'abandoned', isPrivate: false, patchset: { ref: pushed.ref } });
    expect(byNumber?.message).toBe(await review!.commitMessage(pushed));
    expect(byNumber?.message).toContain('\nDepends-On: I0123\n');
    expect(byId).toEqual([byNumber]);
    expect(await review!.findChanges({ number: 999_999 })).toEqual([]);
  });

  it('is followed by address and Change-Id, and a cycle is refused', async () => {
    const addressOf = ({ change }: PushedPatchset) => `${gerrit.url}/c/${project}/+/${change}`;
    const first = await push();
    const second = await push({ body: `Depends-On: ${first.changeId}` });
    const third = await push({ body: `Depends-On: ${addressOf(second)}` });
    const before = await follow(third);
    await push({ changeId: first.changeId, body: `Depends-On: ${addressOf(third)}` });

    expect(before).toEqual([first.change, second.change]);
    expect(await follow(third)).toMatch(/is part of a cycle of dependencies/);
  });
});

import { expect, test } from 'vitest';
import { actAs, changeOf, commentAs } from '../../../lab/gerrit/review-as.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { isPatchset } from '../../../src/domain/tested-ref.ts';
import type { BuildRow } from '../../../src/ports/status.ts';
import { until } from '../world/look.ts';
import type { Stage } from './stage.ts';

/** Project whose branch is tested when it changes; see `lost-vote-stories.ts`. */
const project = 'example/zvm-driver';

/** What is merged is tested as the branch it becomes: nothing is posted, the operator hears of failures, and no change is blamed for them. */
export function branchStories(on: () => Stage): void {
  test('the tip of a branch is tested when a change is merged: while it fails the operator is told, and no change gets a −1 for it', async () => {
    const { says, status } = on();
    const isTold = async () => (await status()).notices.some(({ code }) => code === 'branch-failed');
    const broken = { tests: { 'story.branch': 'fail', 'story.other': 'pass' } } as const;

    const bad = await push(on(), broken);
    await says(bad, { comments: [1], verified: -1 });
    const failed = await tipBuild(on(), await merge(on(), bad));
    expect(failed).toMatchObject({
      result: 'FAILURE',
      tested: { project, branch: 'master', ref: 'refs/heads/master' },
    });
    expect(await isTold()).toBe(true);

    const innocent = await says(await push(on(), broken), { comments: [1], verified: 0 });
    expect(innocent.comments[0]?.message).toContain(`fails on master at ${bad.revision.slice(0, 7)} too`);

    const good = await push(on(), {});
    await says(good, { comments: [1], verified: 1 });
    const passed = await tipBuild(on(), await merge(on(), good));
    expect(passed).toMatchObject({ result: 'SUCCESS', pipeline: 'baseline' });
    expect(await isTold()).toBe(false);
    expect(await on().log(passed, 'job-output.txt')).toContain(`Tested is ${passed.tested.revision} of master`);
  });
}

function push({ push: pushTo }: Stage, story: Parameters<Stage['push']>[0]): Promise<PushedPatchset> {
  return pushTo(story, { project });
}

/** It becomes the tip of its branch. */
async function merge({ gerrit }: Stage, pushed: PushedPatchset): Promise<PushedPatchset> {
  await commentAs(gerrit, 'admin', pushed, { labels: { 'Code-Review': 2 } });
  await actAs(gerrit, 'admin', `${changeOf(pushed)}/submit`, {});
  return pushed;
}

/** The build of the branch that has this change in it. */
async function tipBuild({ buildsOf }: Stage, { revision }: PushedPatchset): Promise<BuildRow> {
  const isTip = (build: BuildRow) => !isPatchset(build.tested) && build.tested.revision === revision;
  const builds = await until(
    () => buildsOf(project),
    (found) => found.some((build) => isTip(build) && build.state === 'done'),
  );
  return builds.find(isTip)!;
}

import { expect, test } from 'vitest';
import { actAs, changeOf, commentAs } from '../../../lab/gerrit/review-as.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { isPatchset } from '../../../src/domain/tested-ref.ts';
import type { BuildRow } from '../../../src/ports/status.ts';
import { until } from '../world/look.ts';
import type { Stage } from './stage.ts';

/** Project whose branch is tested when it changes; see `lost-vote-stories.ts`. */
const project = 'example/zvm-driver';

/** What is merged is tested as the branch it becomes: nothing is posted, the operator hears of failures. */
export function branchStories(on: () => Stage): void {
  test('the tip of a branch is tested when a change is merged, and the operator is told while it fails', async () => {
    const { status } = on();
    const isTold = async () => (await status()).notices.some(({ code }) => code === 'branch-failed');

    const bad = await merge(on(), { tests: { 'story.branch': 'fail' } });
    const failed = await tipBuild(on(), bad);
    expect(failed).toMatchObject({
      result: 'FAILURE',
      tested: { project, branch: 'master', ref: 'refs/heads/master' },
    });
    expect(await isTold()).toBe(true);

    const good = await merge(on(), {});
    const passed = await tipBuild(on(), good);
    expect(passed).toMatchObject({ result: 'SUCCESS', pipeline: 'baseline' });
    expect(await isTold()).toBe(false);
    expect(await on().log(passed, 'job-output.txt')).toContain(`Tested is ${revisionOf(passed)} of master`);
  });
}

/** A change that nothing tests is approved and submitted: it becomes the tip of its branch. */
async function merge({ gerrit, push }: Stage, story: Parameters<Stage['push']>[0]): Promise<PushedPatchset> {
  const pushed = await push(story, { project });
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

function revisionOf({ tested }: BuildRow): string {
  return tested.revision;
}

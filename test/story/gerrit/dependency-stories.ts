import { expect, test } from 'vitest';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { until } from '../world/look.ts';
import { project } from './stage.ts';
import type { Stage } from './stage.ts';

/** A project without pipelines here: what nobody tests is tested together with all the same. */
const beside = 'example/zvm-driver';

/** Changes that are tested together with others. */
export function dependencyStories(on: () => Stage): void {
  test('a change is tested together with what it depends on in another project, and the log proves each commit', async () => {
    const { push, says, builds, log } = on();
    const needed = await push({}, { project: beside });
    const footers = `Depends-On: ${addressOf(on(), needed)}\nDepends-On: https://elsewhere.example/c/x/+/1`;
    const pushed = await push({}, { body: footers });

    await says(pushed, { comments: [1], verified: 1 });

    const [build] = await builds(pushed);
    const [output, info] = await Promise.all([log(build!, 'job-output.txt'), log(build!, 'build.json')]);
    expect(output).toContain(`Merged ${needed.ref}, commit ${needed.revision}`);
    expect(output).toContain(`Tested is ${pushed.revision}`);
    expect(output).toContain(
      'https://elsewhere.example/c/x/+/1 is not followed: no Gerrit of that address is configured',
    );
    expect(JSON.parse(info)).toMatchObject({
      revision: pushed.revision,
      dependencies: [{ project: beside, change: needed.change, patchset: 1, revision: needed.revision }],
    });
  });

  test('a change on top of another one is tested with it, by Change-Id of a third as well', async () => {
    const { push, says, builds, log } = on();
    const third = await push({}, { project: beside });
    const first = await push({}, { body: `Depends-On: ${third.changeId}` });
    const second = await push({}, { onTopOf: first.ref });

    await says(first, { comments: [1], verified: 1 });
    await says(second, { comments: [1], verified: 1 });

    const [build] = await builds(second);
    const [output, info] = await Promise.all([log(build!, 'job-output.txt'), log(build!, 'build.json')]);
    for (const { revision } of [first, second]) expect(output).toMatch(new RegExp(`^  ${revision} `, 'm'));
    expect(JSON.parse(info)).toMatchObject({
      dependencies: [{ change: third.change, revision: third.revision }],
      ancestors: [{ change: first.change, patchset: 1, revision: first.revision }],
    });
  });
}

/** Those that are not tested. */
export function refusedDependencyStories(on: () => Stage): void {
  test('a cycle is refused with a comment that names it, without a vote and without a build', async () => {
    const { push, says, builds } = on();
    const egg = await push({});
    await says(egg, { comments: [1], verified: 1 });
    const hen = await push({}, { project: beside, body: `Depends-On: ${addressOf(on(), egg)}` });

    const again = await push({}, { changeId: egg.changeId, body: `Depends-On: ${addressOf(on(), hen)}` });

    const { comments } = await says(again, { comments: [1, 2], verified: 0 });
    const [a, b] = [`${project} ${egg.change},2`, `${beside} ${hen.change},1`];
    expect(comments.at(-1)?.message).toContain(`which cannot be merged: ${a} → ${b} → ${a}.`);
    const [build] = await builds(again);
    expect(build).toMatchObject({ result: 'ERROR' });
    expect(build).not.toHaveProperty('server');
  });

  test('a merge conflict is told to the operator and not to Gerrit', async () => {
    const { push, says, builds, log, status } = on();
    const first = await push({});
    await says(first, { comments: [1], verified: 1 });
    // Both write the same file.
    const second = await push({}, { body: `Depends-On: ${addressOf(on(), first)}` });

    const [build] = await until(
      () => builds(second),
      (found) => found[0]?.state === 'done',
    );

    expect(build).toMatchObject({ result: 'MERGE_CONFLICT' });
    expect(await log(build!, 'job-output.txt')).toMatch(
      new RegExp(`MERGE CONFLICT: ${second.ref}, commit ${second.revision}[^]*^story\\.json$`, 'm'),
    );
    await until(status, ({ notices }) =>
      notices.some(({ code, text }) => code === 'merge-conflict' && text.includes(`${project} ${second.change},1`)),
    );
    await says(second, { comments: [], verified: 0 });
  });
}

function addressOf({ gerrit }: Stage, pushed: PushedPatchset): string {
  return `${gerrit.url}/c/${pushed.project}/+/${pushed.change}`;
}

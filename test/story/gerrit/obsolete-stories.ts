import { expect, test } from 'vitest';
import { actAs, changeOf } from '../../../lab/gerrit/review-as.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { isPatchset } from '../../../src/domain/tested-ref.ts';
import type { BuildRow } from '../../../src/ports/status.ts';
import { nothing, remains, until } from '../world/look.ts';
import { holdReports, letReportsGo, reportOn } from './hold-reports.ts';
import type { Stage } from './stage.ts';

/** Builds whose change goes on without them. */
export function obsoleteStories(on: () => Stage): void {
  test('a new patchset stops the build of the older one, which is never reported', async () => {
    const { push, says } = on();
    const older = await push({ seconds: 60 });
    await running(on(), older);

    const newer = await push({}, older);
    await says(newer, { comments: [2], verified: 1 });

    await aborted(on(), older, `Patchset 2 came.`);
  });

  test('a patchset that is no longer the newest when its result is posted gets the comment without the vote', async () => {
    const { gerrit, push, says, world } = on();
    await holdReports(world);
    const older = await push({});
    await reportOn(world, older, ({ state }) => state === 'intended');

    const newer = await push({ seconds: 60 }, older);
    await running(on(), newer);
    await letReportsGo(world);

    const view = await says(newer, { comments: [1], verified: 0 });
    expect(view.comments[0]?.message).toMatch(/^Patch Set 1:\n\nBuild succeeded/);
    await reportOn(world, older, ({ state, outcome }) => state === 'posted' && outcome === 'superseded');
    await actAs(gerrit, 'dev', `${changeOf(newer)}/abandon`, {});
  });

  test('an abandoned change is stopped and never reported', async () => {
    const { gerrit, push, says, world } = on();
    const pushed = await push({ seconds: 60 });
    await running(on(), pushed);

    await actAs(gerrit, 'dev', `${changeOf(pushed)}/abandon`, {});
    await aborted(on(), pushed, 'The change was abandoned.');

    await says(pushed, { comments: [], verified: 0 });
    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );
  });

  test('a change that is abandoned between verdict and report gets the comment without the vote, and a notice says so', async () => {
    const { gerrit, push, says, status, world } = on();
    await holdReports(world);
    const pushed = await push({});
    await reportOn(world, pushed, ({ state }) => state === 'intended');

    await actAs(gerrit, 'dev', `${changeOf(pushed)}/abandon`, {});
    await until(status, ({ events }) =>
      events.some(
        ({ type, patchset, decision }) =>
          type === 'change-abandoned' && patchset.endsWith(` ${pushed.change}`) && decision !== 'waiting',
      ),
    );
    await letReportsGo(world);

    const view = await says(pushed, { comments: [1], verified: 0 });
    expect(view.comments[0]?.message).toContain('Build succeeded');
    await reportOn(world, pushed, ({ state, outcome }) => state === 'posted' && outcome === 'closed');
    const { notices } = await status();
    expect(notices).toContainEqual(expect.objectContaining({ code: 'change-closed', count: 1 }));
  });
}

function running({ builds }: Stage, pushed: PushedPatchset) {
  return until(
    () => builds(pushed),
    (found) => found.some((build) => build.phase === 'test' && isOf(build, pushed.patchset)),
  );
}

async function aborted({ builds }: Stage, { patchset, ...pushed }: PushedPatchset, reason: string): Promise<void> {
  const found = await until(
    () => builds({ patchset, ...pushed }),
    (all) => all.every(({ state }) => state === 'done'),
  );
  expect(found.find((build) => isOf(build, patchset))).toMatchObject({ result: 'ABORTED', reason });
}

function isOf({ tested }: BuildRow, patchset: number): boolean {
  return isPatchset(tested) && tested.patchset === patchset;
}

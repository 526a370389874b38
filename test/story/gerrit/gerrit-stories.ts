import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { nothing, remains, until } from '../world/look.ts';
import { branchStories } from './branch-stories.ts';
import { crashStories } from './crash-stories.ts';
import { doctorStories } from './doctor-stories.ts';
import { fileStories } from './file-stories.ts';
import { dependencyStories, refusedDependencyStories } from './dependency-stories.ts';
import { hangStories } from './hang-stories.ts';
import { lostVoteStories, wrongVotes } from './lost-vote-stories.ts';
import { obsoleteStories } from './obsolete-stories.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { stormStories } from './storm-stories.ts';
import { triggerStories } from './trigger-stories.ts';
import { voteStories } from './vote-stories.ts';

type Stories = (on: () => Stage) => void;

/** The same stories for every Gerrit: what holds on the simulator must hold on the real one, so that the simulator can be trusted. */
export function gerritStories(name: string, start: () => Promise<GerritUnderTest>, ...more: readonly Stories[]): void {
  describe(`sidegate on ${name}`, () => {
    let gerrit: GerritUnderTest | undefined;
    let stage: Stage | undefined;
    const on = () => stage as Stage;

    beforeAll(async () => {
      gerrit = await start();
      stage = await openStage(gerrit, { configuration: wrongVotes });
    });
    afterAll(async () => {
      gerrit?.resume();
      await stage?.close();
      await gerrit?.stop();
    });

    for (const stories of [
      voteStories,
      lostVoteStories,
      obsoleteStories,
      triggerStories,
      fileStories,
      branchStories,
      dependencyStories,
      refusedDependencyStories,
      stormStories,
      doctorStories,
      ...more,
      hangStories,
      crashStories,
    ])
      stories(on);

    test('when all is over nothing was said twice, nothing is left running', async () => {
      await until(
        () => remains(on().world),
        (left) => JSON.stringify(left) === JSON.stringify(nothing),
      );

      for (const { change, is, shouldBe } of await on().saidInTheEnd())
        expect({ change, ...is }).toEqual({ change, ...shouldBe });
    });
  });
}

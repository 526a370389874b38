import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { sleep } from '../../src/shared/clock.ts';
import { commented, lookAt, nothing, remains, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const changes = 40;
const kills = 50;

/** The same moments in every run: a failure can be looked at again. Numbers from 0 up to 1 (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe(`sidegate killed ${kills} times while ${changes} changes come`, () => {
  let world: World;

  beforeAll(async () => {
    // The guards die with sidegate, and a job that calls Feilong meanwhile fails: that is another story.
    world = await startWorld({ slots: 4, bootDelay: 100, guard: false });
  });
  afterAll(() => world.stop());

  test(
    'every change gets exactly one comment and the right vote, no job is started twice, nothing is left',
    { timeout: 1_200_000 },
    async () => {
      const random = randomNumbers(42);
      let dead = 0;
      const killing = (async () => {
        while (dead < kills) {
          const sidegate = await world.startSidegate();
          await sleep(random() * 1500);
          sidegate.process.kill('SIGKILL');
          await sidegate.ended;
          dead += 1;
        }
      })();
      const pushed: { change: PushedPatchset; good: boolean }[] = [];
      for (let number = 0; number < changes; number += 1) {
        const good = random() < 0.5;
        const tests = { 'story.create': 'pass', 'story.delete': good ? 'pass' : 'fail' } as const;
        pushed.push({
          change: await world.push({ tests, guests: 2, seconds: random() * 2, leak: random() < 0.3 }),
          good,
        });
        await sleep(random() * 1000);
      }
      await killing;
      await world.startSidegate();

      await Promise.all(pushed.map(({ change }) => commented(world, change, 1, 600_000)));
      await until(
        () => remains(world),
        (left) => JSON.stringify(left) === JSON.stringify(nothing),
        120_000,
      );

      const views = await Promise.all(pushed.map(({ change }) => lookAt(world, change)));
      expect(views.map(({ comments }) => comments.length)).toEqual(pushed.map(() => 1));
      expect(views.map(({ verified }) => verified)).toEqual(pushed.map(({ good }) => (good ? 1 : -1)));
      expect([...world.recorder.starts].filter(([, count]) => count > 1)).toEqual([]);
    },
  );
});

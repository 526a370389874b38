import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { configure } from './world/faults.ts';
import { commented, lookAt, until } from './world/look.ts';
import { askSidegate, runSidegate } from './world/run-sidegate.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const failing = { tests: { 'a.test': 'fail' } } as const;

describe('a project whose bad votes wait for a person', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await configure(world, (story) => {
      const { projects } = story as unknown as { projects: object[] };
      Object.assign(projects[0]!, { votes: 'confirm' });
    });
    await world.startSidegate();
  });
  afterAll(() => world.stop());

  /** Its id, when its report waits. */
  async function waiting({ change }: PushedPatchset): Promise<string> {
    const list = await until(
      () => askSidegate(world, 'report', 'list'),
      (text) => text.includes(` ${change},`),
    );
    return /^[0-9a-f]{7}/.exec(list.split('\n').find((line) => line.includes(` ${change},`)) ?? '')?.[0] ?? '';
  }

  test('a good vote does not wait', async () => {
    expect((await commented(world, await world.push({}))).verified).toBe(1);
  });

  test.each([
    ['confirm', -1, 1],
    ['downgrade', 0, 1],
    ['drop', 0, 0],
  ] as const)('a bad one does; %s: the vote is %i, in %i comments', async (decision, verified, comments) => {
    const pushed = await world.push(failing);
    const id = await waiting(pushed);
    const before = await lookAt(world, pushed);

    await askSidegate(world, 'report', decision, id);
    const { errors: again } = await runSidegate(world, 'report', decision, id);
    const after = await commented(world, pushed, comments);

    expect(before).toEqual({ comments: [], verified: 0 });
    expect([after.verified, after.comments.length]).toEqual([verified, comments]);
    expect(again).toContain('sidegate report list');
    expect(await askSidegate(world, 'report', 'list')).toContain('No report waits');
  });

  test('a newer patchset takes it away', async () => {
    const pushed = await world.push(failing);
    await waiting(pushed);

    const newer = await world.push({}, pushed);
    const view = await commented(world, newer);

    expect(view).toMatchObject({ verified: 1, comments: [{ patchset: 2 }] });
    expect(await askSidegate(world, 'report', 'list')).toContain('No report waits');
  });
});

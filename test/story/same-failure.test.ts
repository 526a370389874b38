import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { commented } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const failing = { tests: { 'a.test': 'fail', 'b.test': 'fail', 'c.test': 'pass' }, seconds: 2 } as const;

/** Two patches with the same mistake are rarer than one lab with one trouble. */
describe('two workers that fail in the same way at the same time', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await world.startSidegate();
  });
  afterAll(() => world.stop());

  async function resultsOf({ change }: PushedPatchset): Promise<readonly string[]> {
    const { rows } = await world.database.pool.query<{ result: string; cause: string }>(
      `select b.result, b.cause ->> 'kind' as cause from builds b join buildsets s on s.id = b.buildset where s.change_number = $1 order by attempt`,
      [change],
    );
    return rows.map(({ result, cause }) => `${result} ${cause}`);
  }

  test('for changes of different people: the lab is blamed, no patch', async () => {
    const changes = [
      await world.push(failing, undefined, 'One', 'dev'),
      await world.push(failing, undefined, 'Two', 'admin'),
    ];

    const views = await Promise.all(changes.map((change) => commented(world, change, 1, 240_000)));
    const results = await Promise.all(changes.map(resultsOf));
    const { rows: notices } = await world.database.pool.query<{ code: string; text: string }>(
      `select code, text from notices where closed_at is null`,
    );

    expect(views.map(({ verified }) => verified)).toEqual([0, 0]);
    expect(results.flat()).toEqual(Array(6).fill('NODE_FAILURE lab-wide'));
    expect(notices.map(({ code }) => code)).toContain('lab-wide');
  });

  test('for changes of one person: both are blamed, one is often on top of the other', async () => {
    const changes = [await world.push(failing, undefined, 'Three'), await world.push(failing, undefined, 'Four')];

    const views = await Promise.all(changes.map((change) => commented(world, change, 1, 240_000)));

    expect(views.map(({ verified }) => verified)).toEqual([-1, -1]);
    expect(await Promise.all(changes.map(resultsOf))).toEqual([['FAILURE patch'], ['FAILURE patch']]);
  });
});

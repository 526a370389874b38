import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { configure } from './world/faults.ts';
import { commented, lookAt, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** The stream is not asked for it again, and no gap is filled: all is heard already. */
test('a change that was ignored for a reason that is gone gets its result, once', { timeout: 120_000 }, async () => {
  await tests({ owners: ['nobody'] });
  await world.startSidegate();
  const pushed = await world.push({});
  await until(
    () => decisions(pushed),
    ([reason]) => reason?.includes('are not tested here') ?? false,
  );
  await world.stopSidegates();

  await tests({ owners: undefined });
  await world.startSidegate();
  const first = await commented(world, pushed);
  const queued = await decisions(pushed);
  // A second change shows that the sweep has looked again since.
  const second = await world.push({});
  await commented(world, second);

  expect(first.verified).toBe(1);
  expect((await lookAt(world, pushed)).comments).toHaveLength(1);
  expect(queued.slice(1)).toEqual(['New patchset: check runs story.']);
});

async function tests(filter: { readonly owners: readonly string[] | undefined }): Promise<void> {
  await configure(world, (story) => {
    const { projects } = story as unknown as { projects: object[] };
    Object.assign(projects[0]!, filter);
    Object.assign(story, { change_sweep: { every: '1s' } });
  });
}

async function decisions({ change }: PushedPatchset): Promise<readonly string[]> {
  const { rows } = await world.database.pool.query<{ reason: string }>(
    `select reason from events where reason is not null and type = 'patchset-created' and change_number = $1 order by id`,
    [change],
  );
  return rows.map(({ reason }) => reason);
}

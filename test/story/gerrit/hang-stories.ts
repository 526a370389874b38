import { expect, test } from 'vitest';
import { until } from '../world/look.ts';
import { reportOn } from './hold-reports.ts';
import type { Stage } from './stage.ts';

/** Gerrit does not answer any more and keeps its connections open. */
export function hangStories(on: () => Stage): void {
  test('Gerrit hangs: sidegate notices, and afterwards hears again and has said everything once', async () => {
    const { gerrit, push, says, status, builds, world } = on();
    const before = await push({ seconds: 2 });
    await until(
      () => builds(before),
      (found) => found.some(({ phase }) => phase === 'test'),
    );

    gerrit.pause();
    const noticed = await until(status, ({ connections }) => connections[0]?.state !== 'connected').finally(() =>
      reportOn(world, before, ({ attempts }) => attempts > 0).finally(() => gerrit.resume()),
    );
    const after = await push({});

    await Promise.all([
      says(before, { comments: [1], verified: 1 }),
      says(after, { comments: [1], verified: 1 }),
      until(status, ({ connections }) => connections[0]?.state === 'connected'),
    ]);
    expect(noticed.connections[0]).toMatchObject({ name: 'review', state: 'connecting' });
  });
}

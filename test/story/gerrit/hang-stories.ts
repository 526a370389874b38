import { expect, test } from 'vitest';
import type { Overview } from '../../../src/ports/status.ts';
import { until } from '../world/look.ts';
import { holdReports, letReportsGo, reportOn } from './hold-reports.ts';
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
    let noticed: Overview;
    try {
      noticed = await until(status, ({ connections }) => connections[0]?.state !== 'connected');
      await reportOn(world, before, ({ attempts }) => attempts > 0);
    } finally {
      gerrit.resume();
    }
    const after = await push({});

    await Promise.all([
      says(before, { comments: [1], verified: 1 }),
      says(after, { comments: [1], verified: 1 }),
      until(status, ({ connections }) => connections[0]?.state === 'connected', 120_000),
    ]);
    expect(noticed.connections[0]).toMatchObject({ name: 'review', state: 'connecting' });
  });
}

/** Takes as long as a request to Gerrit may. Only on a real one: when it wakes up it works on many requests at once. */
export function longHangStories(on: () => Stage): void {
  test('Gerrit hangs longer than a request may take: the reports it was given are there once', async () => {
    const { gerrit, push, says, world } = on();
    await holdReports(world);
    const pushed = [await push({}), await push({}), await push({})];
    await Promise.all(pushed.map((one) => reportOn(world, one, ({ state }) => state === 'intended')));

    gerrit.pause();
    await letReportsGo(world);
    try {
      // The first try was given up, its request lies in Gerrit's queue; the second one waits too.
      await Promise.all(pushed.map((one) => reportOn(world, one, ({ attempts }) => attempts > 1)));
    } finally {
      gerrit.resume();
    }

    await Promise.all(pushed.map((one) => reportOn(world, one, ({ state }) => state === 'posted')));
    await Promise.all(pushed.map((one) => says(one, { comments: [1], verified: 1 })));
  });
}

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WorkPace } from './work-pace.ts';

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) continue;
}

test('all who work rest together when they worked long enough', async () => {
  const pace = new WorkPace({ work: 5, rest: 40 });
  let others = 0;
  const other = setInterval(() => (others += 1), 1);
  work(10);
  const begun = performance.now();

  await Promise.all([pace.turn(), pace.turn(), pace.turn()]);
  clearInterval(other);

  expect(performance.now() - begun).toBeGreaterThan(35);
  expect(others).toBeGreaterThan(0);
});

test('nobody rests before', async () => {
  const pace = new WorkPace({ work: 60_000, rest: 60_000 });
  let turns = 0;
  for (let count = 0; count < 3; count += 1) void pace.turn().then(() => (turns += 1));
  await setImmediate();

  expect(turns).toBe(3);
});

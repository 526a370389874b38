import { expect, test } from 'vitest';
import { WorkPace } from './work-pace.ts';

test('others have their turn, however many work', async () => {
  const pace = new WorkPace({ work: 10, rest: 20 });
  const end = performance.now() + 300;
  let worked = 0;
  const work = async () => {
    while (performance.now() < end) {
      const begun = performance.now();
      while (performance.now() < begun + 2) continue;
      worked += performance.now() - begun;
      await pace.turn();
    }
  };

  await Promise.all([work(), work(), work()]);

  expect(worked).toBeGreaterThan(20);
  expect(worked).toBeLessThan(200);
});

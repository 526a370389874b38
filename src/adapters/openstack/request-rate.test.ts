import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRequestRate } from './request-rate.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** When each of the requests, all asked for now, was sent, in milliseconds. */
async function sendTimes(rate: ReturnType<typeof createRequestRate>, count: number): Promise<number[]> {
  const start = performance.now();
  const times = Promise.all(
    Array.from({ length: count }, async () => {
      await rate.turn();
      return performance.now() - start;
    }),
  );
  await vi.runAllTimersAsync();
  return times;
}

test('no second has more requests than the rate, in the order asked', async () => {
  const times = await sendTimes(createRequestRate('one', 12), 14);

  expect(times).toEqual([0, 0, 0, 250, 250, 250, 500, 500, 500, 750, 750, 750, 1000, 1000]);
});

test('a long pause before does not let more of them through', async () => {
  const rate = createRequestRate('one', 8);
  await vi.advanceTimersByTimeAsync(60_000);

  const times = await sendTimes(rate, 4);

  expect(times).toEqual([0, 0, 250, 250]);
});

test('a rate below one spaces single requests', async () => {
  const times = await sendTimes(createRequestRate('one', 0.5), 3);

  expect(times).toEqual([0, 2000, 4000]);
});

test('while the cloud wants a pause nobody’s turn comes', async () => {
  const rate = createRequestRate('one', 10);
  rate.hold(3000);

  const times = await sendTimes(rate, 2);

  expect(times).toEqual([3000, 3000]);
});

test('a request that would wait for more than a minute is refused', async () => {
  const rate = createRequestRate('one', 2);
  const waiting = Array.from({ length: 121 }, () => rate.turn());

  const oneMore = rate.turn();

  await expect(oneMore).rejects.toMatchObject({
    code: 'cloud-unreachable',
    detail: 'one: 120 requests already wait for their turn at 2 per second',
  });
  await vi.runAllTimersAsync();
  await expect(Promise.all(waiting)).resolves.toHaveLength(121);
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGapFiller } from './look-again.ts';
import type { GapFiller } from './look-again.ts';

let looks: number[];
let ended: (() => void)[];
let closing: AbortController;
let gaps: GapFiller;

beforeEach(() => {
  vi.useFakeTimers();
  looks = [];
  ended = [];
  closing = new AbortController();
  gaps = createGapFiller((since) => {
    looks.push(since);
    return new Promise((resolve) => ended.push(resolve));
  }, closing.signal);
});
afterEach(() => {
  closing.abort();
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

async function endLook(): Promise<void> {
  ended.shift()?.();
  await pass(0);
}

describe('a gap', () => {
  test('is open from the start until the first look has ended', async () => {
    gaps.fill(1000);
    await pass(0);
    const whileLooking = gaps.isOpen;
    await endLook();

    expect([looks, whileLooking, gaps.isOpen]).toEqual([[1000], true, false]);
  });

  test('is looked into again after ten seconds, a minute and five: the index may lag', async () => {
    gaps.fill(1000);
    for (const pause of [0, 10_000, 60_000, 300_000]) {
      await pass(pause);
      await endLook();
    }
    await pass(3_600_000);

    expect(looks).toEqual([1000, 1000, 1000, 1000]);
  });

  test('that opens again and again is never looked into twice at a time, and from the earliest point', async () => {
    gaps.fill(1000);
    await pass(0);
    for (const since of [3000, 2000, 4000]) gaps.fill(since);
    await pass(5000);
    const atOnce = [...looks];
    await endLook();
    const between = gaps.isOpen;
    await pass(1100);
    await endLook();

    expect([atOnce, looks, between, gaps.isOpen]).toEqual([[1000], [1000, 2000], true, false]);
  });

  test('that opens between two looks is looked into at once', async () => {
    gaps.fill(1000);
    await pass(0);
    await endLook();
    await pass(5000);
    gaps.fill(5000);
    await pass(1100);

    expect([looks, gaps.isOpen]).toEqual([[1000, 5000], true]);
  });

  test('is left when the stream is over', async () => {
    gaps.fill(1000);
    await pass(0);
    closing.abort();
    await endLook();
    await pass(3_600_000);

    expect([looks, gaps.isOpen]).toEqual([[1000], true]);
  });
});

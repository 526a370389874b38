import { describe, expect, test } from 'vitest';
import { ConsoleTimes, byteAtTime, parseTimes, printTimes, timeOfByte } from './console-times.ts';

const noon = Date.UTC(2026, 10, 27, 12);

describe('the times of a console', () => {
  test('follow the clock of the server, also one that is set meanwhile, and are read as they were written', () => {
    const times = new ConsoleTimes();
    times.add(100, 10);
    times.setClock(101, noon / 1000);
    times.add(103.5, 20);
    times.setClock(160, noon / 1000 + 3600);
    times.add(161, 30);

    const found = times.times(0);

    expect(found).toEqual([
      { bytes: 10, at: noon - 1000 },
      { bytes: 20, at: noon + 2500 },
      { bytes: 30, at: noon + 3_601_000 },
    ]);
    expect(parseTimes(printTimes(found))).toEqual(found);
  });

  test('of a job too short for the server to say its clock are those of the reader', () => {
    const times = new ConsoleTimes();
    times.add(100, 10);
    times.add(101, 20);

    expect(times.times(noon).map(({ at }) => at)).toEqual([noon - 1000, noon]);
  });

  test('only go forward', () => {
    const times = new ConsoleTimes();
    for (const [uptime, bytes] of [
      [100, 10],
      [90, 20],
      [110, 10],
      [110, 5],
      [120, 30],
    ] as const)
      times.add(uptime, bytes);

    expect(times.times(noon).map(({ bytes }) => bytes)).toEqual([10, 30]);
  });

  test('are bounded and stay spread over the whole job', () => {
    const times = new ConsoleTimes();
    for (let moment = 1; moment <= 1_000_000; moment += 1) times.add(moment, moment * 10);

    const found = times.times(noon);

    expect(found.length).toBeLessThanOrEqual(10_000);
    expect(found.length).toBeGreaterThan(5000);
    expect(found.at(-1)?.bytes).toBeGreaterThan(9_990_000);
    for (const byte of [0, 123_456, 5_000_000, 9_900_000])
      expect(Math.abs((timeOfByte(found, byte) ?? 0) - (noon - 1_000_000_000 + byte * 100))).toBeLessThan(300_000);
  });

  test('say when a byte was written and which came at a time', () => {
    const times = parseTimes('10 2026-11-27T12:00:00Z\n20 2026-11-27T12:00:02Z\n40 2026-11-27T13:00:00Z\n');

    expect([0, 9, 10, 39].map((byte) => timeOfByte(times, byte))).toEqual([noon, noon, noon + 2000, noon + 3_600_000]);
    expect(timeOfByte(times, 40)).toBeUndefined();
    expect([0, noon, noon + 1, noon + 3000].map((time) => byteAtTime(times, time))).toEqual([0, 0, 10, 20]);
    expect(byteAtTime(times, noon + 3_600_001)).toBeUndefined();
    expect(timeOfByte([], 0)).toBeUndefined();
  });

  test('of a hostile server break nothing', () => {
    const times = new ConsoleTimes();
    times.setClock(0, Number.MAX_SAFE_INTEGER);
    times.add(1, 1);
    times.add(1e300, 2);

    expect(printTimes(times.times(noon))).toBe('');
    expect(
      parseTimes(`x\n1 never\n${'9'.repeat(100)} 2026-11-27T12:00:00Z\n5 2026-11-27T12:00:00Z\n4 2026-11-27T12:00:00Z`),
    ).toEqual([{ bytes: 5, at: noon }]);
  });
});

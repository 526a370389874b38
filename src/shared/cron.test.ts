import { expect, test } from 'vitest';
import { cronMistake, lastTime } from './cron.ts';

test.each([
  ['0 2 * * *', '2026-11-27T01:59:59Z', '2026-11-26T02:00:00.000Z'],
  ['0 2 * * *', '2026-11-27T02:00:00Z', '2026-11-27T02:00:00.000Z'],
  ['30 4 * * 0', '2026-11-27T12:00:00Z', '2026-11-22T04:30:00.000Z'],
  ['0 0 29 2 *', '2026-11-27T12:00:00Z', '2024-02-29T00:00:00.000Z'],
])('the last %s before %s was %s', (times, now, last) => {
  expect(new Date(lastTime(times, Date.parse(now)) ?? 0).toISOString()).toBe(last);
});

test.each(['0 2 * * *', '*/15 * * * *', '0 6 * * mon-fri'])('%s is a time', (times) => {
  expect(cronMistake(times)).toBeUndefined();
});

test.each(['', 'daily', '* * * * * *', '61 * * * *', '0 0 31 2 *'])('%j is none', (times) => {
  expect(cronMistake(times)).toBeTypeOf('string');
});

import { expect, test } from 'vitest';
import { parseDuration, parseSize } from './units.ts';

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  ['15 m', 900_000],
  ['1d', 86_400_000],
  ['90', undefined],
  ['-5s', undefined],
  ['5 minutes', undefined],
  ['5constructor', undefined],
  ['', undefined],
])('the duration %j is %s ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  ['100MiB', 104_857_600],
  ['1GiB', 1_073_741_824],
  ['10B', 10],
  ['100MB', undefined],
  ['100', undefined],
])('the size %j is %s bytes', (text, expected) => {
  expect(parseSize(text)).toBe(expected);
});

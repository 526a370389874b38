import { expect, test } from 'vitest';
import { countMissing } from './pool.ts';

const label = { minReady: 2, max: 4 };

test('what is missing is booted', () => {
  expect(countMissing(label, { all: 1, waiting: 1 })).toBe(1);
});

test('nothing is when enough wait', () => {
  expect(countMissing(label, { all: 3, waiting: 2 })).toBe(0);
  expect(countMissing(label, { all: 3, waiting: 3 })).toBe(0);
});

test('servers that nobody can get any more count towards max', () => {
  expect(countMissing(label, { all: 3, waiting: 0 })).toBe(1);
  expect(countMissing(label, { all: 5, waiting: 0 })).toBe(0);
});

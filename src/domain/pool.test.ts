import { expect, test } from 'vitest';
import { planPool } from './pool.ts';
import type { PooledServer } from './pool.ts';
import { plainLabel } from './testing/labels.ts';

const label = { ...plainLabel, minReady: 2, max: 4, maxAge: 1000 };
const ready: PooledServer = { id: 'a', label: 'small', purpose: 'build', state: 'ready', build: undefined, since: 0 };

test('boots what is missing', () => {
  expect(planPool(label, [ready], 500)).toEqual({ tooOld: [], missing: 1 });
});

test('counts servers that boot as waiting', () => {
  expect(planPool(label, [ready, { ...ready, id: 'b', state: 'building' }], 500).missing).toBe(0);
});

test('does not count servers of builds, held ones and those of images as waiting, but towards max', () => {
  const others = [
    { ...ready, id: 'b', build: 'build' },
    { ...ready, id: 'c', state: 'held' },
    { ...ready, id: 'd', purpose: 'canary' },
  ];

  expect(planPool(label, others, 500).missing).toBe(1);
});

test('lets old ones go and boots others at once', () => {
  expect(planPool(label, [ready, { ...ready, id: 'b', since: 900 }], 1500)).toEqual({ tooOld: ['a'], missing: 1 });
});

test('leaves a build its server however old it is', () => {
  expect(planPool(label, [{ ...ready, build: 'build' }], 5000).tooOld).toEqual([]);
});

test('keeps servers for ever where no age is set', () => {
  expect(planPool({ ...label, maxAge: undefined }, [ready], 1e12).tooOld).toEqual([]);
});

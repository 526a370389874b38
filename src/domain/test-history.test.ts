import { expect, test } from 'vitest';
import { historyFigures } from './test-history.ts';
import type { CountedRun } from './test-history.ts';

function run(outcome: CountedRun['outcome'], day: number, more: Partial<CountedRun> = {}): CountedRun {
  return { outcome, at: `2026-11-${day}T00:00:00Z`, duration: undefined, isOfBranch: false, ...more };
}

test('rates tell changes and branches apart; what was skipped or never ended counts as neither', () => {
  const runs = [
    run('passed', 27, { duration: 100 }),
    run('failed', 26, { duration: 9000 }),
    run('skipped', 25, { duration: 1 }),
    run('failed', 24, { isOfBranch: true }),
    run('incomplete', 23),
    run('passed', 22, { duration: 300, isOfBranch: true }),
    run('expected-failure', 21, { duration: 200 }),
    run('unexpected-success', 20),
  ];

  expect(historyFigures(runs)).toEqual({
    ofChanges: { passed: 2, failed: 2 },
    ofBranches: { passed: 1, failed: 1 },
    medianDuration: 200,
    firstFailure: '2026-11-20T00:00:00Z',
    lastFailure: '2026-11-26T00:00:00Z',
  });
});

test('a test nobody ran has no figures', () => {
  expect(historyFigures([])).toEqual({
    ofChanges: { passed: 0, failed: 0 },
    ofBranches: { passed: 0, failed: 0 },
    medianDuration: undefined,
    firstFailure: undefined,
    lastFailure: undefined,
  });
});

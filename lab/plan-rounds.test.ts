import { describe, expect, test } from 'vitest';
import { planRounds } from './plan-rounds.ts';

describe('the files of the lab', () => {
  test('run in rounds: short ones of each neighbour beside each other, those that need all alone, stories last', () => {
    const files = [
      'gerrit/adapter.lab.test.ts',
      'gerrit/intake-stories.lab.test.ts',
      'zvm/crash.lab.test.ts',
      'zvm/same-failure.lab.test.ts',
      'zvm/shared.lab.test.ts',
      'openstack/stories.lab.test.ts',
      'openstack/cloud.lab.test.ts',
      'objects/upload.lab.test.ts',
      'subunit/junit.lab.test.ts',
    ];

    expect(planRounds(files)).toEqual([
      [
        ['gerrit/adapter.lab.test.ts', 'subunit/junit.lab.test.ts'],
        ['openstack/cloud.lab.test.ts', 'objects/upload.lab.test.ts'],
      ],
      [['zvm/shared.lab.test.ts', 'zvm/same-failure.lab.test.ts', 'zvm/crash.lab.test.ts']],
      [['gerrit/intake-stories.lab.test.ts'], ['openstack/stories.lab.test.ts']],
    ]);
  });

  test('of one part have no empty lanes', () => {
    expect(planRounds(['objects/upload.lab.test.ts'])).toEqual([[['objects/upload.lab.test.ts']]]);
    expect(planRounds([])).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stormOf } from './storm.ts';
import type { ReportedResult } from './storm.ts';

/** A failure of a job on one change. */
function failure(change: number, fields: Partial<ReportedResult> = {}): ReportedResult {
  return {
    result: 'FAILURE',
    errorCode: undefined,
    reason: '2 of 90 tests failed.',
    failedTests: ['test.boot', 'test.resize'],
    name: `openstack/nova ${change},1`,
    changeKey: `review ${change}`,
    owner: `dev${change}`,
    ...fields,
  };
}

const success = failure(9, { result: 'SUCCESS', failedTests: [] });

describe('three in a row are a storm', () => {
  test('on different changes', () => {
    expect(stormOf(failure(1), [failure(2), failure(3)], 3)).toEqual([
      'openstack/nova 1,1',
      'openstack/nova 2,1',
      'openstack/nova 3,1',
    ]);
  });

  test('though one change failed twice between them', () => {
    expect(stormOf(failure(1), [failure(1), failure(2), failure(2), failure(3)], 3)).toHaveLength(3);
  });

  test('without tests, when the same broke, whatever its numbers', () => {
    const broken = (change: number, reason: string) =>
      failure(change, { result: 'ERROR', failedTests: [], reason: `stack.sh line ${reason}` });

    expect(stormOf(broken(1, '12'), [broken(2, '13'), broken(3, '0a1b')], 3)).toHaveLength(3);
  });

  test('of infrastructure, when its code is the same', () => {
    const broken = (change: number) =>
      failure(change, { result: 'NODE_FAILURE', failedTests: [], errorCode: 'cloud-quota', reason: `${change}` });

    expect(stormOf(broken(1), [broken(2), broken(3)], 3)).toHaveLength(3);
  });

  test('later changes of the same people included', () => {
    const [ann, bob] = [{ owner: 'ann' }, { owner: 'bob' }];

    expect(stormOf(failure(1, ann), [failure(2, ann), failure(3, ann), failure(4, bob)], 3)).toHaveLength(4);
  });
});

describe('it is no storm', () => {
  const others = [failure(2), failure(3), failure(4)];

  test.each<[string, ReportedResult, readonly ReportedResult[]]>([
    ['before the third', failure(1), [failure(2)]],
    ['when a success came between', failure(1), [failure(2), success, failure(3)]],
    ['when another failure came between', failure(1), [failure(2), failure(5, { failedTests: ['x'] }), failure(3)]],
    ['when ours is another failure', failure(1, { failedTests: ['test.other'] }), others],
    ['when ours is an error and theirs are failures', failure(1, { result: 'ERROR', failedTests: [] }), others],
    ['when all is well', success, [success, success, success]],
    ['when all is one person’s', failure(1), [2, 3, 4].map((change) => failure(change, { owner: 'dev1' }))],
    ['when it is one change', failure(1), [failure(1), failure(1), failure(1)]],
  ])('%s', (_name, ours, earlier) => {
    expect(stormOf(ours, earlier, 3)).toBeUndefined();
  });
});

test('a storm never has fewer changes than the limit, each once, of two people or more', () => {
  const results = fc.record({ change: fc.nat(5), test: fc.constantFrom('a', 'b'), owner: fc.constantFrom('x', 'y') });
  fc.assert(
    fc.property(fc.array(results, { minLength: 1, maxLength: 20 }), fc.integer({ min: 2, max: 6 }), (list, limit) => {
      const [ours, ...earlier] = list.map(({ change, test: name, owner }) =>
        failure(change, { owner, failedTests: [name] }),
      );
      const storm = stormOf(ours!, earlier, limit);

      if (storm === undefined) return;
      expect(storm.length).toBeGreaterThanOrEqual(limit);
      expect(new Set(storm).size).toBe(storm.length);
      expect(new Set(earlier.map(({ owner }) => owner)).add(ours!.owner).size).toBe(2);
    }),
  );
});

import { describe, expect, it } from 'vitest';
import { ran } from '../testing/test-results.ts';
import { findMissingTests } from './missing-tests.ts';

const uuid = 'id-925fdfb4-5b13-47ea-ac8a-c36ae6fddb05';

describe('the tests that are missing', () => {
  it('are those that should have run and did not, whatever became of the others', () => {
    const results = ran(['a.B.test_1', 'passed'], ['a.B.test_2', 'failed'], ['a.B.test_3', 'incomplete']);

    const found = findMissingTests(results, ['a.B.test_1', 'a.B.test_2', 'a.B.test_3', 'a.B.test_4', 'a.B.test_4']);

    expect(found).toEqual({
      expected: 4,
      missing: [{ id: 'a.B.test_4', hiddenBy: undefined }],
      skippedWithClass: 0,
    });
  });

  it('name the failed setUpClass, setUpModule or import that hides them', () => {
    const results = ran(
      ['setUpClass (a.b.Broken)', 'failed'],
      ['setUpModule (a.c)', 'failed'],
      ['unittest.loader._FailedTest.a.d', 'failed'],
      ['tearDownClass (a.b.Fine)', 'failed'],
    );

    const { missing } = findMissingTests(results, [
      `a.b.Broken.test_x[${uuid},smoke]`,
      'a.b.Fine.test_x',
      'a.c.One.test_x',
      'a.d.e.Two.test_x',
    ]);

    expect(missing.map(({ hiddenBy }) => hiddenBy)).toEqual([
      'setUpClass (a.b.Broken)',
      undefined,
      'setUpModule (a.c)',
      'unittest.loader._FailedTest.a.d',
    ]);
  });

  it('are not those whose class was skipped as a whole, unless it failed on another worker', () => {
    const skipped = ran(['setUpClass (a.B)', 'skipped']);
    const both = ran(['setUpClass (a.B)', 'failed'], ['setUpClass (a.B)', 'skipped']);

    expect(findMissingTests(skipped, ['a.B.test_1', 'a.B.test_2'])).toEqual({
      expected: 2,
      missing: [],
      skippedWithClass: 2,
    });
    expect(findMissingTests(both, ['a.B.test_1']).missing).toHaveLength(1);
  });

  it('are found with and without the attributes of tempest, which may have changed; other brackets are part of a name', () => {
    const results = ran([`a.B.test_1[${uuid},smoke]`, 'passed'], ['a.B.test_2[x]', 'passed']);

    const { missing } = findMissingTests(results, [`a.B.test_1[${uuid}]`, 'a.B.test_1', 'a.B.test_2[y]', 'a.B.test_2']);

    expect(missing.map(({ id }) => id)).toEqual(['a.B.test_2[y]', 'a.B.test_2']);
  });

  it('do not include fixtures of an earlier run', () => {
    const found = findMissingTests(ran(), ['setUpClass (a.B)', 'unittest.loader._FailedTest.a']);

    expect(found).toEqual({ expected: 0, missing: [], skippedWithClass: 0 });
  });
});

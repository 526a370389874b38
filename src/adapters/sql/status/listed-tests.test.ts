import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestOutcome } from '../../../domain/test-result.ts';
import type { TestFilter } from '../../../ports/status.ts';
import { createSampleRows } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';
import { listedTests } from './listed-tests.ts';

let rows: SampleRows;
let build: string;
beforeAll(async () => {
  rows = await createSampleRows();
  const { lease } = await rows.addRunning();
  build = lease.buildId;
  const result = (id: string, outcome: TestOutcome, again?: TestOutcome) => ({
    id,
    outcome,
    again,
    duration: 1,
    tags: [],
    details: `${'start '.repeat(1000)}end`,
  });
  const many = Array.from({ length: 5500 }, (_, index) => result(`many.Test.test_${index}`, 'passed'));
  await rows.store.saveTestResults(lease, [
    result('a.Fine.test_1', 'passed'),
    result('a.Left.test_%_1', 'skipped'),
    result('a.Bad.test_1', 'failed', 'failed'),
    result('a.Flaky.test_1', 'failed', 'passed'),
    result('a.Cut.test_1', 'incomplete'),
    ...many,
  ]);
});
afterAll(() => rows.drop());

const list = (filter: Partial<TestFilter>) =>
  listedTests(rows.database.pool, build.slice(0, 8), { outcome: undefined, text: undefined, from: 0, ...filter });
const names = async (filter: Partial<TestFilter>) => (await list(filter))?.tests.map(({ id }) => id);

test('the tests of a build are listed failures first, some thousands at once', async () => {
  const first = await list({});
  const second = await list({ from: first!.next! });

  expect(first?.tests.slice(0, 4).map(({ id }) => id)).toEqual([
    'a.Bad.test_1',
    'a.Flaky.test_1',
    'a.Cut.test_1',
    'a.Fine.test_1',
  ]);
  expect([first?.tests.length, first?.fitting, first?.next]).toEqual([5000, 5505, 5000]);
  expect([second?.tests.length, second?.next]).toEqual([505, undefined]);
});

test('they are filtered by outcome and by a part of their name, in which nothing is a pattern', async () => {
  expect(await names({ outcome: 'failed' })).toEqual(['a.Bad.test_1', 'a.Flaky.test_1', 'a.Cut.test_1']);
  expect(await names({ outcome: 'again' })).toEqual(['a.Flaky.test_1']);
  expect(await names({ text: 'FLAKY' })).toEqual(['a.Flaky.test_1']);
  expect(await names({ text: '%' })).toEqual(['a.Left.test_%_1']);
  expect(await names({ text: 'x\0y' })).toEqual([]);
});

test('of what they said there is a piece: the end of a failure, the start of a reason', async () => {
  const [failed] = (await list({ outcome: 'failed' }))!.tests;
  const [skipped] = (await list({ outcome: 'skipped' }))!.tests;
  const [passed] = (await list({ outcome: 'passed' }))!.tests;

  expect(failed).toMatchObject({ again: 'failed', said: expect.stringMatching(/start end$/) as string });
  expect([failed!.said.length, skipped!.said.length, passed!.said]).toEqual([600, 300, '']);
});

test('a build that is none has no tests', async () => {
  expect(await listedTests(rows.database.pool, 'fffffff', { outcome: undefined, text: undefined, from: 0 })).toBe(
    undefined,
  );
});

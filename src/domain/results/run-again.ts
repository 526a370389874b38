import type { TestOutcome, TestResult, TestResults } from '../test-result.ts';
import { hiddenGroup, splitTestId } from './test-id.ts';

/** Of an id, modules around it looked at: ids come from the test server. */
const mostGroups = 20;

/** From the best to the worst: of a test that is told twice, the worst counts. */
const ranking: readonly TestOutcome[] = [
  'passed',
  'expected-failure',
  'skipped',
  'unexpected-success',
  'incomplete',
  'failed',
];

/**
 * The results of the first run; each test that failed there says how it ended when it was run again. The second run adds nothing else: no test of
 * its own, and no outcome of one that did not fail. A damaged stream says nothing.
 */
export function withSecondRun(first: TestResults, second: TestResults | undefined): TestResults {
  if (!second?.intact) return first;
  const failed = first.tests.filter(({ outcome }) => outcome === 'failed');
  const groups = new Set(failed.flatMap(({ id }) => hiddenGroup(id) ?? []));
  const tests = worstById(second.tests);
  const ofGroups = worstByGroup(tests, groups);
  const again = ({ id }: TestResult): TestOutcome | undefined => {
    const group = hiddenGroup(id);
    return group === undefined ? tests.get(id) : ofGroups.get(group);
  };
  return {
    ...first,
    tests: first.tests.map((test) => (test.outcome === 'failed' ? { ...test, again: again(test) } : test)),
  };
}

/** It failed all the same: a race that a change brings in looks so too. */
export function passedAgain({ again, outcome }: Pick<TestResult, 'again' | 'outcome'>): boolean {
  return outcome === 'failed' && (again === 'passed' || again === 'expected-failure');
}

function worstById(tests: readonly TestResult[]): ReadonlyMap<string, TestOutcome> {
  const found = new Map<string, TestOutcome>();
  for (const { id, outcome } of tests) found.set(id, worse(found.get(id), outcome));
  return found;
}

/** A fixture that ends well is not told: it did where tests of its class ran, and passed where none of them failed. */
function worstByGroup(
  tests: ReadonlyMap<string, TestOutcome>,
  groups: ReadonlySet<string>,
): ReadonlyMap<string, TestOutcome> {
  const found = new Map<string, TestOutcome>();
  if (groups.size === 0) return found;
  for (const [id, outcome] of tests) {
    // Skipped tests of the class say nothing about its fixture.
    if (outcome === 'skipped' && hiddenGroup(id) === undefined) continue;
    for (const group of groupsAround(id)) if (groups.has(group)) found.set(group, worse(found.get(group), outcome));
  }
  return found;
}

function* groupsAround(id: string): Generator<string> {
  let { group } = splitTestId(id);
  // Of a module that could not be imported the id is no path.
  const own = hiddenGroup(id);
  if (own !== undefined) group = own;
  for (let count = 0; group !== '' && count < mostGroups; count += 1) {
    yield group;
    ({ group } = splitTestId(group));
  }
}

function worse(one: TestOutcome | undefined, other: TestOutcome): TestOutcome {
  return one !== undefined && ranking.indexOf(one) > ranking.indexOf(other) ? one : other;
}

import type { TestOutcome, TestResults } from '../test-result.ts';
import { hiddenGroup, splitTestId, withoutAttributes } from './test-id.ts';

/** What of the tests that should have run is not in the results. */
export interface MissingTests {
  /** How many should have run. */
  readonly expected: number;
  readonly missing: readonly MissingTest[];
  /** Not counted as missing: the results say that their whole class or module was skipped. */
  readonly skippedWithClass: number;
}

export interface MissingTest {
  readonly id: string;
  /** The failed `setUpClass`, `setUpModule` or import that hides it; undefined: nothing says why it did not run. */
  readonly hiddenBy: string | undefined;
}

/** Fixtures and modules among the expected ids are no tests. An id may stand there with or without tempest's attributes. */
export function findMissingTests(results: TestResults, expected: Iterable<string>): MissingTests {
  const ran = new Set(results.tests.flatMap(({ id }) => [id, withoutAttributes(id)]));
  const hidden = hiddenGroups(results);
  const wanted = [...new Set(expected)].filter((id) => hiddenGroup(id) === undefined);
  const missing: MissingTest[] = [];
  let skippedWithClass = 0;
  for (const id of wanted) {
    if (ran.has(id) || ran.has(withoutAttributes(id))) continue;
    const by = whatHides(id, hidden);
    if (by?.outcome === 'skipped') skippedWithClass += 1;
    else missing.push({ id, hiddenBy: by?.id });
  }
  return { expected: wanted.length, missing, skippedWithClass };
}

interface Hiding {
  readonly id: string;
  readonly outcome: TestOutcome;
}

function hiddenGroups({ tests }: TestResults): ReadonlyMap<string, Hiding> {
  const found = new Map<string, Hiding>();
  for (const { id, outcome } of tests) {
    const group = hiddenGroup(id);
    if (group === undefined || outcome === 'passed' || id.startsWith('tearDown')) continue;
    // A class may be told twice, by two workers: that it failed is the worse news.
    if (found.get(group)?.outcome !== 'failed') found.set(group, { id, outcome });
  }
  return found;
}

/** Around a test: ids come from the test server. */
const mostModules = 30;

/** The class first, then the modules around it. */
function whatHides(id: string, hidden: ReadonlyMap<string, Hiding>): Hiding | undefined {
  let { group } = splitTestId(id);
  for (let count = 0; hidden.size > 0 && group !== '' && count < mostModules; count += 1) {
    const found = hidden.get(group);
    if (found !== undefined) return found;
    ({ group } = splitTestId(group));
  }
  return undefined;
}

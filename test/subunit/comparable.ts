import type { TestResult, TestResults } from '../../src/domain/test-result.ts';

/** What `lab/subunit/reference.py` prints about one stream. Times in microseconds since 1970. */
export interface PythonResults {
  readonly tests: readonly {
    readonly id: string;
    readonly outcome: TestResult['outcome'];
    readonly start: number | null;
    readonly end: number | null;
    readonly tags: readonly string[];
    /** Name and text of each attached text. */
    readonly texts: readonly (readonly [string, string])[];
  }[];
  readonly skipped: TestResults['skipped'];
}

/** What both parsers must say alike, in the form of ours. */
export interface Comparable {
  readonly tests: readonly Required<Omit<TestResult, 'again'>>[];
  readonly skipped: TestResults['skipped'];
}

export function comparable({ skipped, tests }: TestResults): Comparable {
  return {
    tests: tests.map((test) => ({ ...test, startedAt: test.startedAt, tags: test.tags.toSorted() })),
    skipped: { ...skipped },
  };
}

export function asOurs({ skipped, tests }: PythonResults): Comparable {
  return {
    skipped,
    tests: tests.map(({ end, id, outcome, start, tags, texts }) => ({
      id,
      outcome,
      duration: start === null || end === null || end < start ? undefined : (end - start) / 1000,
      startedAt: start === null ? undefined : Math.floor(start / 1000),
      tags: tags.toSorted(),
      details: detailsOf(texts),
    })),
  };
}

/** Reason and traceback first, the other texts under their names. */
function detailsOf(texts: readonly (readonly [string, string])[]): string {
  const order = ['reason', 'traceback'];
  const rank = (name: string) => {
    const found = order.findIndex((one) => name.startsWith(one));
    return found < 0 ? order.length : found;
  };
  return texts
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, text], index) => {
      const trimmed = text.trimEnd();
      return index === 0 && rank(name) < order.length ? trimmed : `--- ${name}\n${trimmed}`;
    })
    .join('\n')
    .replaceAll('\0', '\uFFFD');
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Comparable, PythonResults } from './comparable.ts';

/** What python-subunit reads, as `node lab/subunit/main.ts` recorded it. */
export interface Expectations {
  readonly python: string;
  readonly samples: Readonly<Record<string, PythonResults>>;
  /** Of all fuzzed streams together: when it differs the streams are others than those that were recorded. */
  readonly fuzzedStreams: string;
  /** `digestOf` for each fuzzed stream, without separators. */
  readonly fuzzedResults: string;
}

export const expectationsFile = new URL('../fixtures/subunit/expected.json', import.meta.url);
export const digestLength = 8;

export function readExpectations(): Expectations {
  return JSON.parse(readFileSync(expectationsFile, 'utf8')) as Expectations;
}

/** Eight hexadecimal digits that differ when the results do. */
export function digestOf(results: Comparable): string {
  const text = JSON.stringify([
    results.skipped,
    results.tests.map((test) => Object.entries(test).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, digestLength);
}

export function digestOfStreams(streams: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const stream of streams) hash.update(`${stream.length}\n`).update(stream);
  return hash.digest('hex');
}

import { Readable } from 'node:stream';
import { withSecondRun } from '../domain/results/run-again.ts';
import { readSelection } from '../domain/results/selection.ts';
import type { Job } from '../domain/settings.ts';
import type { TestResults } from '../domain/test-result.ts';
import { readTestResults } from '../shared/read-test-results.ts';

type Names = Pick<Job, 'testResults' | 'testResultsAgain' | 'testSelection'>;

/** Of one build, what its artifacts say about tests. In any order: whatever of it comes. */
export class TestArtifacts {
  /** Tests that should have run; undefined: the job does not tell. */
  selection: readonly string[] | undefined;
  /** Of the first run, and how those that failed there ended when they were run again. */
  results: TestResults | undefined;
  readonly #names: Names;
  #first: TestResults | undefined;
  #second: TestResults | undefined;

  constructor(names: Names) {
    this.#names = names;
  }

  /** `content` scrubbed, as the archive will hold it: ids of tests are compared and shown. */
  async take(path: string, content: Buffer): Promise<void> {
    const { testResults, testResultsAgain, testSelection } = this.#names;
    if (path === testResults) this.#first = await parse(path, content);
    else if (path === testResultsAgain) this.#second = await parse(path, content);
    else if (path === testSelection) this.selection = readSelection(content.toString('utf8'));
    // Here and not when it is asked for: that is done for each artifact.
    if (path === testResults || path === testResultsAgain)
      this.results = this.#first && withSecondRun(this.#first, this.#second);
  }
}

/** Those that have to come whatever is left out behind them. */
export function testArtifactNames({ testResults, testResultsAgain, testSelection }: Names): readonly string[] {
  return [...new Set([testResults, testResultsAgain, testSelection])].filter((name) => name !== undefined);
}

async function parse(path: string, content: Buffer): Promise<TestResults> {
  const { results } = await readTestResults(Readable.from([content]), { gzip: path.endsWith('.gz') });
  return results;
}

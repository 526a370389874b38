import { errorText } from '../domain/errors.ts';
import { countTests, failedTestNames } from '../domain/subunit/summary.ts';
import { buildInfoFile, consoleFile } from '../domain/log-path.ts';
import { createSubunitParser } from '../domain/subunit/parser.ts';
import type { TestResults } from '../domain/test-result.ts';
import type { TestCounts } from '../domain/verdict.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { BuildContext } from './run-build.ts';

export interface Collected {
  readonly tests: TestCounts | undefined;
  readonly failedTests: readonly string[];
  readonly unfinished: number;
  readonly testsIntact: boolean;
}

/** Written by sidegate: the job under test must not replace them. */
const ownFiles: ReadonlySet<string> = new Set([consoleFile, buildInfoFile]);

export const noArtifacts: Collected = { tests: undefined, failedTests: [], unfinished: 0, testsIntact: false };

/** Names of failed tests kept with the verdict; all of them are in the test results. */
const maxFailedTests = 50;

/**
 * 5c. Collect: publishes what the job left in its artifact folder and reads the test results among it. What cannot be fetched any more
 * is a gap in the logs, not a reason to throw the job's result away.
 */
export async function collectArtifacts(context: BuildContext, host: RemoteHost): Promise<Collected> {
  const { flow, build, job, lease } = context;
  const { limits } = flow.settings;
  let results: TestResults | undefined;
  let bytes = 0;
  let files = 0;
  await flow.store.saveStep(lease, 'collect');
  try {
    await flow.jobs.collect(host, build.id, async (path, content) => {
      files += 1;
      bytes += content.length;
      if (files > limits.artifactFiles || bytes > limits.artifacts) return false;
      if (ownFiles.has(path)) return true;
      if (path === job.testResults) results = parseResults(content);
      await flow.archive.write(`${build.logPath}${path}`, content);
      return true;
    });
  } catch (error) {
    flow.logger.warn({ build: build.id, err: errorText(error) }, 'artifacts could not be collected');
  }
  if (!results) return noArtifacts;
  await flow.store.saveTestResults(lease, results.tests);
  return {
    tests: countTests(results),
    failedTests: failedTestNames(results, maxFailedTests),
    unfinished: results.tests.filter(({ outcome }) => outcome === 'incomplete').length,
    testsIntact: results.intact,
  };
}

function parseResults(content: Buffer): TestResults {
  const parser = createSubunitParser();
  parser.push(content);
  return parser.end();
}

import { Readable } from 'node:stream';
import { chooseArtifacts, searchedFolders } from '../domain/artifacts.ts';
import type { ChosenFile, FoundFile } from '../domain/artifacts.ts';
import { errorCode, errorText } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { countTests, failedTestNames } from '../domain/subunit/summary.ts';
import {
  buildInfoFile,
  consoleFile,
  consoleTimesFile,
  feilongCallsFile,
  feilongTraceFile,
  hiddenFile,
  proofFile,
  inventoryFile,
  manifestFile,
  serverConsoleFile,
} from '../domain/log-path.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { TestResults } from '../domain/test-result.ts';
import type { JobEnd, TestCounts } from '../domain/verdict.ts';
import type { CutFile, RemoteHost, WantedArtifacts } from '../ports/remote-jobs.ts';
import { scanLog } from './find-signatures.ts';
import { sleep } from '../shared/clock.ts';
import { readTestResults } from '../shared/read-test-results.ts';
import { publishResults, resultFiles } from './publish-results.ts';
import type { BuildContext } from './run-build.ts';

export interface Collected {
  readonly tests: TestCounts | undefined;
  readonly failedTests: readonly string[];
  readonly unfinished: number;
  readonly testsIntact: boolean;
  /** Why the test results could not be fetched, where there may be some. */
  readonly infra: { readonly code: ErrorCode; readonly detail: string } | undefined;
}

/** Says in the log folder what is not there. */
const leftOutFile = 'left-out.txt';

/** Written by sidegate: the job under test must not replace them. */
const ownFiles: ReadonlySet<string> = new Set([
  consoleFile,
  consoleTimesFile,
  serverConsoleFile,
  buildInfoFile,
  leftOutFile,
  feilongTraceFile,
  feilongCallsFile,
  hiddenFile,
  proofFile,
  inventoryFile,
  manifestFile,
]);

export const noArtifacts: Collected = {
  tests: undefined,
  failedTests: [],
  unfinished: 0,
  testsIntact: false,
  infra: undefined,
};

/** Names of failed tests kept with the verdict; all of them are in the test results. */
const maxFailedTests = 50;
/** Files of which `left-out.txt` says why. */
const maxToldFiles = 1000;
/** Before a broken collection is begun again (ms). */
const pauses = [500, 3000];

/**
 * 5c. Collect: publishes what the job left in its artifact folder and reads the test results among it. What cannot be fetched any more
 * is a gap in the logs, not a reason to throw the job's result away; only without its test results there is none.
 */
export async function collectArtifacts(context: BuildContext, host: RemoteHost, end?: JobEnd): Promise<Collected> {
  const { flow, job, lease } = context;
  await flow.store.saveStep(lease, 'collect');
  let shelf = new Shelf(context, end);
  let trouble = await collectOnce(context, host, shelf);
  for (const pause of pauses) {
    if (errorCode(trouble) !== 'ssh-unreachable' || context.signal.aborted) break;
    await sleep(pause, context.signal);
    shelf = new Shelf(context, end);
    trouble = await collectOnce(context, host, shelf);
  }
  const { results } = shelf;
  if (!results) {
    if (trouble === undefined || job.testResults === undefined) return noArtifacts;
    return { ...noArtifacts, infra: { code: errorCode(trouble) ?? 'internal', detail: errorText(trouble) } };
  }
  await flow.store.saveTestResults(lease, results.tests);
  await publishResults(context, results);
  return {
    tests: countTests(results),
    failedTests: failedTestNames(results, maxFailedTests),
    unfinished: results.tests.filter(({ outcome }) => outcome === 'incomplete').length,
    testsIntact: results.intact,
    infra: undefined,
  };
}

/** Answers what went wrong, if anything. */
async function collectOnce({ flow, build, job }: BuildContext, host: RemoteHost, shelf: Shelf): Promise<unknown> {
  try {
    const wanted: WantedArtifacts = {
      jobId: build.id,
      first: job.testResults,
      elsewhere: searchedFolders(job.artifacts ?? []),
      choose: (found) => shelf.choose(found),
    };
    shelf.leaveOut(await flow.jobs.collect(host, wanted, (...file) => shelf.take(...file)));
    await shelf.tellLeftOut();
    return undefined;
  } catch (error) {
    flow.logger.warn({ build: build.id, err: errorText(error) }, 'artifacts could not be collected');
    return error;
  }
}

/** Puts the artifacts of one build into the log archive, within the limits. */
class Shelf {
  results: TestResults | undefined;
  readonly #context: BuildContext;
  readonly #end: JobEnd | undefined;
  readonly #leftOut: string[] = [];
  #bytes = 0;
  #files = 0;

  constructor(context: BuildContext, end: JobEnd | undefined) {
    this.#context = context;
    this.#end = end;
  }

  /** What the job's rules want, now that it is known how its tests went. */
  choose(found: readonly FoundFile[]): readonly ChosenFile[] {
    const { chosen, leftOut } = chooseArtifacts(found, this.#context.job.artifacts ?? [], this.#hasFailed());
    this.#leftOut.push(...leftOut.slice(0, maxToldFiles).map((line) => oneLine(line, 500)));
    return chosen;
  }

  #hasFailed(): boolean {
    const exitedWell = this.#end === undefined || (this.#end.kind === 'exited' && this.#end.status === 0);
    if (!exitedWell) return true;
    if (this.results === undefined) return this.#context.job.testResults !== undefined;
    return this.results.tests.some(({ outcome }) => outcome === 'failed' || outcome === 'incomplete');
  }

  /** False when there is no room for more. */
  async take(path: string, content: Buffer, cut?: CutFile): Promise<boolean> {
    const { flow, job } = this.#context;
    const { artifactFiles, artifacts } = flow.settings.limits;
    this.#files += 1;
    this.#bytes += content.length;
    const isFull = this.#files > artifactFiles || this.#bytes > artifacts;
    const isOurs = ownFiles.has(path) || (this.results !== undefined && resultFiles.has(path));
    if (isFull) this.#leftOut.push(`${path} and all after it: more than ${artifactFiles} files or ${artifacts} bytes`);
    else if (isOurs) this.#leftOut.push(`${path}: the name of a file of sidegate`);
    // The results count also where there is no room for them.
    const isPublished = !isFull && !isOurs;
    const scrubbed = isPublished ? await this.#publish(path, content, cut) : await flow.scrubber.file(content);
    if (path === job.testResults) this.results = await parseResults(path, scrubbed);
    if (isPublished) await scanLog(this.#context, path, scrubbed);
    return !isFull;
  }

  async #publish(path: string, content: Buffer, cut: CutFile | undefined): Promise<Buffer> {
    const { flow, build } = this.#context;
    const target = `${build.logPath}${path}`;
    if (cut === undefined) return await flow.scrubber.write(target, content);
    const what = `the last ${content.length - cut.context} of ${cut.size} bytes`;
    this.#leftOut.push(`${path}: all but ${what}`);
    const notice = `[sidegate] What follows are ${what} of this file.\n`;
    return await flow.scrubber.write(target, content, { context: cut.context, notice });
  }

  leaveOut(names: readonly string[]): void {
    for (const name of names)
      this.#leftOut.push(`${oneLine(name, 300)}: no plain file, too large, not readable, or a name that is not plain`);
  }

  async tellLeftOut(): Promise<void> {
    if (this.#leftOut.length === 0) return;
    const { flow, build } = this.#context;
    const lines = ['Artifacts that were not taken:', ...this.#leftOut];
    await flow.archive.write(`${build.logPath}${leftOutFile}`, `${lines.join('\n')}\n`);
  }
}

async function parseResults(path: string, content: Buffer): Promise<TestResults> {
  const { results } = await readTestResults(Readable.from([content]), { gzip: path.endsWith('.gz') });
  return results;
}

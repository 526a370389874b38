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
  guestsAfterFile,
  guestsBeforeFile,
  hiddenFile,
  hostFile,
  inventoryFile,
  manifestFile,
  proofFile,
  serverConsoleFile,
  slotFile,
} from '../domain/log-path.ts';
import { oneLine } from '../domain/sanitize.ts';
import { passedAgain } from '../domain/results/run-again.ts';
import type { MissingSummary } from '../domain/results/missing-summary.ts';
import type { JobEnd, TestCounts } from '../domain/verdict.ts';
import type { CutFile, RemoteHost, WantedArtifacts } from '../ports/remote-jobs.ts';
import { scanLog } from './find-signatures.ts';
import { sleep } from '../shared/clock.ts';
import { countMissing } from './count-missing.ts';
import { publishResults, resultFiles } from './publish-results.ts';
import { TestArtifacts, testArtifactNames } from './test-artifacts.ts';
import type { BuildContext } from './run-build.ts';

export interface Collected {
  readonly tests: TestCounts | undefined;
  readonly failedTests: readonly string[];
  /** Of the failed, those that passed when run again. */
  readonly passedAgain?: readonly string[];
  /** Tests that should have run and did not. */
  readonly missing?: MissingSummary;
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
  slotFile,
  hostFile,
  guestsBeforeFile,
  guestsAfterFile,
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
/** So many may be excused; further ones count as failed. */
const maxPassedAgain = 200;
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
  // Another process that has the build says itself what is not there.
  if (trouble !== undefined && errorCode(trouble) !== 'stale-epoch') await shelf.tellBroken(trouble).catch(() => {});
  const { results, selection } = shelf.tests;
  if (!results) {
    if (trouble === undefined || job.testResults === undefined) return noArtifacts;
    return { ...noArtifacts, infra: { code: errorCode(trouble) ?? 'internal', detail: errorText(trouble) } };
  }
  await flow.store.saveTestResults(lease, results.tests);
  const missing = await countMissing(context, results, selection);
  await publishResults(context, results);
  return {
    tests: countTests(results),
    failedTests: failedTestNames(results, maxFailedTests),
    passedAgain: results.tests
      .filter(passedAgain)
      .map(({ id }) => id)
      .slice(0, maxPassedAgain),
    missing,
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
      first: testArtifactNames(job),
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
  readonly tests: TestArtifacts;
  readonly #context: BuildContext;
  readonly #end: JobEnd | undefined;
  readonly #leftOut: string[] = [];
  #bytes = 0;
  #files = 0;

  constructor(context: BuildContext, end: JobEnd | undefined) {
    this.#context = context;
    this.tests = new TestArtifacts(context.job);
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
    const { results } = this.tests;
    if (results === undefined) return this.#context.job.testResults !== undefined;
    return results.tests.some(({ outcome }) => outcome === 'failed' || outcome === 'incomplete');
  }

  /** False when there is no room for more. */
  async take(path: string, content: Buffer, cut?: CutFile): Promise<boolean> {
    const { flow, job } = this.#context;
    const { artifactFiles, artifacts } = flow.settings.limits;
    this.#files += 1;
    this.#bytes += content.length;
    const isFull = this.#files > artifactFiles || this.#bytes > artifacts;
    const isOurs = ownFiles.has(path) || (this.tests.results !== undefined && resultFiles.has(path));
    if (isFull) this.#leftOut.push(`${path} and all after it: more than ${artifactFiles} files or ${artifacts} bytes`);
    else if (isOurs) this.#leftOut.push(`${path}: the name of a file of sidegate`);
    // The results count also where there is no room for them.
    const isPublished = !isFull && !isOurs;
    const scrubbed = isPublished ? await this.#publish(path, content, cut) : await flow.scrubber.file(content);
    if (testArtifactNames(job).includes(path)) await this.tests.take(path, scrubbed);
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

  async tellBroken(error: unknown): Promise<void> {
    this.#leftOut.push(`all that is not here: ${oneLine(errorText(error), 300)}`);
    await this.tellLeftOut();
  }

  async tellLeftOut(): Promise<void> {
    const { flow, build } = this.#context;
    const path = build.logPath + leftOutFile;
    const lines = ['Artifacts that were not taken:', ...this.#leftOut];
    if (this.#leftOut.length > 0) await flow.archive.write(path, `${lines.join('\n')}\n`);
    // A process that died may have said what is not true any more.
    else if ((await flow.archive.size(path)) > 0) await flow.archive.remove(path);
  }
}

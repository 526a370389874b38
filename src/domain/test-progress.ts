import { oneLine } from './sanitize.ts';
import type { ToldTests } from './verdict.ts';

/** How far the tests of a job are, by its console. */
export interface TestProgress {
  /** How many are to run; undefined: the console does not tell. */
  readonly selected: number | undefined;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What ended last; undefined: nothing yet. */
  readonly latest: string | undefined;
  /** Those that failed, in the order they ended; the last of them, where there are many. */
  readonly failures: readonly FailedSoFar[];
  /** Of the tests that failed and run again; undefined: it has not come to that. */
  readonly again: { readonly selected: number; readonly passed: number; readonly failed: number } | undefined;
}

export interface FailedSoFar {
  /** As the console names it: without tempest's attributes. */
  readonly id: string;
  /** Milliseconds; undefined: the console does not tell. */
  readonly duration: number | undefined;
  /** Undefined: it did not run again, or not yet. */
  readonly again: 'passed' | 'failed' | 'skipped' | undefined;
}

/** Reads the progress of the tests out of a console, part by part. The same bytes lead to the same progress, however they are cut into parts. */
export interface ProgressReader {
  push(part: Uint8Array): void;
  /** Undefined: the console shows no tests yet. */
  readonly progress: TestProgress | undefined;
}

const lineFeed = 10;
/** Kept of a line, from its start (bytes). */
const keptBytes = 2048;
const longestName = 300;
const keptFailures = 50;
const mostTests = 1_000_000;

export function createProgressReader(): ProgressReader {
  let kept: Uint8Array = new Uint8Array(0);
  let progress: TestProgress | undefined;
  const endLine = (part: Uint8Array) => {
    const line = joined(kept, part);
    kept = new Uint8Array(0);
    if (mayTell(line)) progress = readLine(progress, new TextDecoder().decode(line));
  };
  return {
    push: (part) => {
      let from = 0;
      for (let to = part.indexOf(lineFeed); to >= 0; to = part.indexOf(lineFeed, from)) {
        endLine(part.subarray(from, to));
        from = to + 1;
      }
      kept = joined(kept, part.subarray(from));
    },
    get progress() {
      return progress;
    },
  };
}

function joined(kept: Uint8Array, part: Uint8Array): Uint8Array {
  const room = keptBytes - kept.length;
  if (kept.length === 0) return part.length <= room ? part.slice() : part.slice(0, room);
  const all = new Uint8Array(kept.length + Math.min(room, part.length));
  all.set(kept);
  all.set(part.subarray(0, room), kept.length);
  return all;
}

const brace = 0x7b;
/** What a runner may put before a line: the time. */
const longestPrefix = 64;

/** Most lines of a console are of devstack: they are not even decoded. */
function mayTell(line: Uint8Array): boolean {
  const head = line.subarray(0, longestPrefix);
  return head.includes(brace) || (line.length < 2 * longestPrefix && head.includes(0x3a));
}

const prefix = /^\d[\d:.,TZ| +-]{0,60} (?=\S)/;
const indented = /^\s/;
const announced = /^(?<what>Selected|Run again): (?<count>\d{1,9}) tests?$/;
const worker = /^\{\d{1,4}\} (?<rest>\S.*)$/;
/** Of stestr's and subunit-trace's line: the seconds, and what they changed by. */
const timing = / \[(?<seconds>\d{1,9}(?:\.\d{1,9})?)s(?: [+-]?\d{1,9}\.\d\d%)?\]$/;
const outcomes = { ok: 'passed', FAILED: 'failed', SKIPPED: 'skipped' } as const;
type Outcome = (typeof outcomes)[keyof typeof outcomes];

function readLine(before: TestProgress | undefined, text: string): TestProgress | undefined {
  // What a test that failed has printed is indented; it may look like anything.
  if (indented.test(text)) return before;
  const line = oneLine(text, keptBytes).replace(prefix, '');
  const { count, what } = announced.exec(line)?.groups ?? {};
  if (count !== undefined) return announce(before, what === 'Selected' ? 'selected' : 'again', Number(count));
  const rest = worker.exec(line)?.groups?.['rest'];
  const ended = rest === undefined ? undefined : readEnded(rest);
  return ended ? countEnded(before ?? begin(undefined), ended) : before;
}

function begin(selected: number | undefined): TestProgress {
  return { selected, passed: 0, failed: 0, skipped: 0, latest: undefined, failures: [], again: undefined };
}

/** A list of tests that is told once more belongs to a phase that is tried once more. */
function announce(before: TestProgress | undefined, run: 'selected' | 'again', count: number) {
  const selected = Math.min(count, mostTests);
  if (run === 'selected') return begin(selected);
  return before && { ...before, again: { selected, passed: 0, failed: 0 } };
}

interface Ended {
  readonly id: string;
  readonly duration: number | undefined;
  readonly outcome: Outcome;
}

/** `module.Class.test_method [1.23s] ... ok`, as stestr and subunit-trace write it. */
function readEnded(rest: string): Ended | undefined {
  const dots = rest.indexOf(' ... ');
  const outcome = outcomes[/^[A-Za-z]+/.exec(rest.slice(dots + 5, dots + 15))?.[0] as keyof typeof outcomes];
  if (dots < 0 || outcome === undefined) return undefined;
  const head = rest.slice(0, dots);
  const time = timing.exec(head.slice(-60));
  const id = time ? head.slice(0, head.length - time[0].length) : head;
  const duration = time && Math.round(Number(time.groups?.['seconds']) * 1000);
  return { id: oneLine(id, longestName), duration: duration ?? undefined, outcome };
}

function countEnded(before: TestProgress, { duration, id, outcome }: Ended): TestProgress {
  const { again, failures } = before;
  if (again) {
    const told = outcome === 'skipped' ? again : { ...again, [outcome]: Math.min(again[outcome] + 1, mostTests) };
    const marked = failures.map((one) => (one.id === id ? { ...one, again: outcome } : one));
    return { ...before, latest: id, again: told, failures: marked };
  }
  const counted = { ...before, latest: id, [outcome]: Math.min(before[outcome] + 1, mostTests) };
  if (outcome !== 'failed') return counted;
  return { ...counted, failures: [...failures, { id, duration, again: undefined }].slice(-keptFailures) };
}

/** Ended in the first run, fixtures that stand for their tests included. */
export function endedTests({ failed, passed, skipped }: Pick<TestProgress, 'failed' | 'passed' | 'skipped'>): number {
  return passed + failed + skipped;
}

/** `45 of 92 tests had ended`. */
export function howFar({ ended, selected }: ToldTests): string {
  // Fixtures that fail after their tests are told beside them.
  const count = selected === undefined ? `${ended}` : `${Math.min(ended, selected)} of ${selected}`;
  return `${count} tests had ended`;
}

import { isAlike } from './same-failure.ts';
import { oneLine } from './sanitize.ts';
import { carryConflictStatus, mergeConflictStatus } from './verdict.ts';
import type { EndedJob, TestCounts } from './verdict.ts';

/** How a job failed before any of its tests had ended, without what differs from run to run. */
export interface EarlyFailure {
  readonly phase: string;
  /** `exited 1`, or `timed-out`. */
  readonly how: string;
  /** The last errors of the console; where it names none, its last lines. */
  readonly lines: readonly string[];
}

/** A build of another person's change that ran beside ours, or shortly before. */
export interface EarlyPeer {
  /** For people: `CHANGE,PATCHSET`. */
  readonly name: string;
  /** It is still to say more. */
  readonly running: boolean;
  /** Undefined: it did not fail before its tests, or has not yet. */
  readonly failure: EarlyFailure | undefined;
}

/** What the branch itself did last, without a change. */
export interface EarlyBaseline {
  /** `master at 0a1b2c3`. */
  readonly tip: string;
  /** Undefined: it came to its tests. */
  readonly failure: EarlyFailure | undefined;
}

/** Bytes at the end of a console that are looked at: devstack says much after the error that ended it. */
export const earlyFailureBytes = 65_536;

const mostErrors = 5;
/** Where nothing is called an error. */
const mostLines = 3;
const longestLine = 200;

const error =
  /\b(?:error|errors|fail|failed|failure|fatal|cannot|could not|unable to|refused|timed out|no such|not found|denied|exception)\b|^E: /i;
const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const number = /[0-9a-f]*\d[0-9a-f]*/gi;
const temporary = /\btmp[._]?\w+/g;
const hidden = /\*{4,}/g;

/** By these a job says that nothing was tested. */
const conflicts: ReadonlySet<number> = new Set([mergeConflictStatus, carryConflictStatus]);

/** Undefined: it failed in another way, or not at all. `end` is what its console ended with. */
export function earlyFailureOf(job: EndedJob, tests: TestCounts | undefined, end: string): EarlyFailure | undefined {
  const { phase } = job;
  if (phase === undefined || (tests && tests.passed + tests.failed + tests.skipped > 0)) return undefined;
  if (job.kind === 'timed-out') return { phase, how: 'timed-out', lines: lastLines(end) };
  if (job.kind !== 'exited' || job.status === 0 || conflicts.has(job.status)) return undefined;
  return { phase, how: `exited ${job.status}`, lines: lastLines(end) };
}

/** Two that said nothing at all are not: only what was said tells one failure from another. */
export function failsAlike(one: EarlyFailure, other: EarlyFailure): boolean {
  if (one.phase !== other.phase || one.how !== other.how || one.lines.length === 0) return false;
  return isAlike(new Set(one.lines), new Set(other.lines));
}

/**
 * Which changes of other people failed in the same way; undefined: none. A build that got over it acquits nobody, unlike where tests failed: half
 * the mirrors of a lab may be down, and no vote hangs on it.
 */
export function sameEarlyFailure(ours: EarlyFailure, peers: readonly EarlyPeer[]): string | undefined {
  const alike = peers.filter(({ failure }) => failure && failsAlike(ours, failure));
  // Attempts of one change are several peers.
  return alike.length === 0 ? undefined : [...new Set(alike.map(({ name }) => name))].join(', ');
}

/** From the end on, and no further than needed: what a test server prints may be anything. */
function lastLines(end: string): readonly string[] {
  const errors: string[] = [];
  const last: string[] = [];
  for (const line of end
    .slice(-earlyFailureBytes)
    .split(/[\r\n]+/)
    .toReversed()) {
    const text = withoutChance(line);
    if (text === '') continue;
    if (last.length < mostLines) last.push(text);
    if (error.test(text) && !errors.includes(text)) errors.push(text);
    if (errors.length === mostErrors) break;
  }
  return (errors.length > 0 ? errors : last).toReversed();
}

/** Without times, numbers, ids and names made up for one run. */
function withoutChance(line: string): string {
  const text = oneLine(line, longestLine);
  return text.replace(uuid, '#').replace(temporary, 'tmp').replace(number, '#').replace(hidden, '*');
}

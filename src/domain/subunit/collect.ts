import type { TestOutcome, TestResult } from '../test-result.ts';
import { createDetails } from './details.ts';
import type { Budget, Details } from './details.ts';
import type { SubunitPacket, SubunitStatus, Timestamp } from './packet.ts';

/** All limits are counted in bytes or characters unless said otherwise. */
export interface SubunitLimits {
  /** Number of tests. */
  readonly tests: number;
  /** Name of one test. */
  readonly name: number;
  /** Names and tags of all tests together. */
  readonly allNames: number;
  /** Details of one test. */
  readonly details: number;
  /** Details of all tests together. */
  readonly allDetails: number;
}

const maxTags = 16;
const maxTag = 100;

const outcomes: Readonly<Record<Exclude<SubunitStatus, 'exists' | 'inprogress'>, TestOutcome>> = {
  success: 'passed',
  fail: 'failed',
  skip: 'skipped',
  xfail: 'expected-failure',
  uxsuccess: 'unexpected-success',
};

interface RunningTest {
  readonly id: string;
  readonly details: Details;
  readonly startedAt: Timestamp | undefined;
  tags: readonly string[];
}

export interface TestCollector {
  add(packet: SubunitPacket): void;
  /** What is still running is incomplete. */
  end(): Collected;
}

export interface Collected {
  readonly tests: readonly TestResult[];
  readonly incomplete: boolean;
  /** Packets that told of a test, or of tags, beyond the limits. */
  readonly dropped: number;
}

/** Puts the packets of each test together, by the rules of testtools' StreamToDict: a test ends with its first final status. */
export function createTestCollector(limits: SubunitLimits): TestCollector {
  const running = new Map<string, RunningTest>();
  const done: TestResult[] = [];
  const budget: Budget = { left: limits.allDetails };
  let namesLeft = limits.allNames;
  let dropped = 0;

  function begin(key: string, id: string, startedAt: Timestamp | undefined): RunningTest | undefined {
    const full = running.size + done.length >= limits.tests || id.length > limits.name || id.length > namesLeft;
    if (full) {
      dropped += 1;
      return undefined;
    }
    namesLeft -= id.length;
    const test = { id, details: createDetails(limits.details, budget), tags: [], startedAt };
    running.set(key, test);
    return test;
  }

  function tag(test: RunningTest, tags: readonly string[]): void {
    namesLeft += lengthOf(test.tags);
    const kept = [...new Set(tags)].slice(0, maxTags).map((one) => one.slice(0, maxTag).toWellFormed());
    const fits = lengthOf(kept) <= namesLeft;
    if (!fits) dropped += 1;
    test.tags = fits ? kept : [];
    namesLeft -= lengthOf(test.tags);
  }

  function finish(test: RunningTest, outcome: TestOutcome, endedAt: Timestamp | undefined): void {
    if (outcome === 'passed') test.details.discard();
    const details = outcome === 'passed' ? '' : test.details.compose();
    const { id, startedAt, tags } = test;
    done.push({
      id,
      outcome,
      duration: duration(startedAt, endedAt),
      startedAt: milliseconds(startedAt),
      tags,
      details,
    });
  }

  function add(packet: SubunitPacket): void {
    const { file, status, testId, timestamp } = packet;
    // Packets of no test carry the output of the run as a whole.
    if (testId === undefined) return;
    const key = keyOf(testId, packet.routeCode);
    const test = running.get(key) ?? begin(key, testId, timestamp);
    if (test === undefined) return;

    if (file !== undefined) test.details.add(file, packet.mimeType);
    if (packet.tags !== undefined) tag(test, packet.tags);
    if (status === undefined || status === 'inprogress') return;
    running.delete(key);
    if (status !== 'exists') return finish(test, outcomes[status], timestamp);
    // Only listed, not run.
    test.details.discard();
    namesLeft += testId.length + lengthOf(test.tags);
  }

  function end(): Collected {
    const incomplete = running.size > 0;
    for (const test of running.values()) finish(test, 'incomplete', undefined);
    running.clear();
    return { tests: done, incomplete, dropped };
  }

  return { add, end };
}

/** No id holds a NUL. An empty route is another one than none. */
function keyOf(id: string, route: string | undefined): string {
  return route === undefined ? id : `${id}\0${route}`;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function duration(from: Timestamp | undefined, to: Timestamp | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const microseconds = (to.seconds - from.seconds) * 1e6 + microsecondsOf(to) - microsecondsOf(from);
  return microseconds < 0 ? undefined : microseconds / 1e3;
}

function milliseconds(time: Timestamp | undefined): number | undefined {
  return time && time.seconds * 1000 + Math.floor(microsecondsOf(time) / 1e3);
}

/** Rounded one by one, halves to the even number, as python-subunit does. */
function microsecondsOf(time: Timestamp): number {
  const exact = time.nanoseconds / 1e3;
  const floor = Math.floor(exact);
  if (exact - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return Math.round(exact);
}

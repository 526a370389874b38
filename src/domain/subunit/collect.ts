import type { TestOutcome, TestResult, TestResults } from '../test-result.ts';
import { createDetails } from './details.ts';
import type { Budget, Details } from './details.ts';
import type { SubunitPacket, SubunitStatus, Timestamp } from './packet.ts';

/** All limits are counted in bytes or characters unless said otherwise. */
export interface SubunitLimits {
  /** One packet. */
  readonly packet: number;
  /** Number of tests. */
  readonly tests: number;
  /** Name of one test. */
  readonly name: number;
  /** Names of all tests together. */
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
  tags: readonly string[];
  startedAt: Timestamp | undefined;
}

export interface TestCollector {
  add(packet: SubunitPacket): void;
  /** What is still running is incomplete. */
  end(): TestResults;
}

/** Puts the packets of each test together, by the rules of testtools' StreamToDict: a test ends with its first final status. */
export function createTestCollector(limits: SubunitLimits): TestCollector {
  const running = new Map<string, RunningTest>();
  const done: TestResult[] = [];
  const budget: Budget = { left: limits.allDetails };
  let namesLeft = limits.allNames;
  let intact = true;

  function testFor(key: string, id: string): RunningTest | undefined {
    const known = running.get(key);
    if (known !== undefined) return known;
    const full = running.size + done.length >= limits.tests || id.length > limits.name || id.length > namesLeft;
    if (full) {
      intact = false;
      return undefined;
    }
    namesLeft -= id.length;
    const test = { id, details: createDetails(limits.details, budget), tags: [], startedAt: undefined };
    running.set(key, test);
    return test;
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
    const { testId, status } = packet;
    // Packets of no test carry the output of the run as a whole.
    if (testId === undefined) return;
    const key = `${packet.routeCode ?? ''}\0${testId}`;
    const test = testFor(key, testId);
    if (test === undefined) return;

    if (packet.file !== undefined) test.details.add(packet.file.name, packet.mimeType, packet.file.bytes);
    if (packet.tags !== undefined)
      test.tags = packet.tags.slice(0, maxTags).map((tag) => tag.slice(0, maxTag).toWellFormed());
    if (status === undefined || status === 'inprogress') {
      test.startedAt ??= packet.timestamp;
      return;
    }
    running.delete(key);
    if (status !== 'exists') return finish(test, outcomes[status], packet.timestamp);
    // Only listed, not run.
    test.details.discard();
    namesLeft += testId.length;
  }

  function end(): TestResults {
    const incomplete = running.size > 0;
    for (const test of running.values()) finish(test, 'incomplete', undefined);
    running.clear();
    return { tests: done, intact: intact && !incomplete };
  }

  return { add, end };
}

function duration(from: Timestamp | undefined, to: Timestamp | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const microseconds = (to.seconds - from.seconds) * 1e6 + microsecondsOf(to) - microsecondsOf(from);
  return microseconds < 0 ? undefined : microseconds / 1e3;
}

function milliseconds(time: Timestamp | undefined): number | undefined {
  return time && time.seconds * 1000 + Math.floor(time.nanoseconds / 1e6);
}

/** Rounded one by one, as python-subunit does. */
function microsecondsOf(time: Timestamp): number {
  return Math.round(time.nanoseconds / 1e3);
}

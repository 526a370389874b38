import type { TestOutcome, TestResult } from '../test-result.ts';
import { createBufferPool } from './buffer-pool.ts';
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

const none: readonly string[] = [];

interface RunningTest {
  readonly key: string;
  readonly id: string;
  /** Undefined until something is attached. */
  details: Details | undefined;
  readonly startedAt: Timestamp | undefined;
  tags: readonly string[];
}

export interface Collected {
  readonly tests: readonly TestResult[];
  readonly incomplete: boolean;
  /** Packets that told of a test, or of tags, beyond the limits. */
  readonly dropped: number;
}

/** Puts the packets of each test together, by the rules of testtools' StreamToDict: a test ends with its first final status. */
export class TestCollector {
  readonly #limits: SubunitLimits;
  /** All that run but the latest to begin. */
  readonly #running = new Map<string, RunningTest>();
  /** Mostly the next packet is of this test too, and then ends it: it need not be looked up. */
  #latest: RunningTest | undefined;
  readonly #done: TestResult[] = [];
  readonly #budget: Budget;
  #namesLeft: number;
  #dropped = 0;

  constructor(limits: SubunitLimits) {
    this.#limits = limits;
    this.#budget = { left: limits.allDetails, buffers: createBufferPool() };
    this.#namesLeft = limits.allNames;
  }

  add(packet: SubunitPacket): void {
    const { file, status, tags, testId, timestamp } = packet;
    // Packets of no test carry the output of the run as a whole.
    if (testId === undefined) return;
    const key = keyOf(testId, packet.routeCode);
    const test = this.#find(key) ?? this.#begin(key, testId, timestamp);
    if (test === undefined) return;

    if (file !== undefined)
      (test.details ??= createDetails(this.#limits.details, this.#budget)).add(file, packet.mimeType);
    if (tags !== undefined) this.#tag(test, tags);
    if (status === undefined || status === 'inprogress') return;
    if (test === this.#latest) this.#latest = undefined;
    else this.#running.delete(key);
    if (status !== 'exists') return this.#finish(test, outcomes[status], timestamp);
    // Only listed, not run.
    test.details?.discard();
    this.#namesLeft += testId.length + lengthOf(test.tags);
  }

  /** What is still running is incomplete. */
  end(): Collected {
    this.#setLatest(undefined);
    const incomplete = this.#running.size > 0;
    for (const test of this.#running.values()) this.#finish(test, 'incomplete', undefined);
    this.#running.clear();
    return { tests: this.#done, incomplete, dropped: this.#dropped };
  }

  #find(key: string): RunningTest | undefined {
    return this.#latest?.key === key ? this.#latest : this.#running.get(key);
  }

  #setLatest(test: RunningTest | undefined): void {
    if (this.#latest !== undefined) this.#running.set(this.#latest.key, this.#latest);
    this.#latest = test;
  }

  #begin(key: string, id: string, startedAt: Timestamp | undefined): RunningTest | undefined {
    const { name, tests } = this.#limits;
    const running = this.#running.size + (this.#latest === undefined ? 0 : 1);
    const full = running + this.#done.length >= tests || id.length > name || id.length > this.#namesLeft;
    if (full) {
      this.#dropped += 1;
      return undefined;
    }
    this.#namesLeft -= id.length;
    const test: RunningTest = { key, id, details: undefined, tags: none, startedAt };
    this.#setLatest(test);
    return test;
  }

  #tag(test: RunningTest, tags: readonly string[]): void {
    // Most tests have one tag, told with each packet.
    if (tags.length === 1 && test.tags.length === 1 && tags[0] === test.tags[0]) return;
    this.#namesLeft += lengthOf(test.tags);
    const kept = keptTags(tags);
    const fits = lengthOf(kept) <= this.#namesLeft;
    if (!fits) this.#dropped += 1;
    test.tags = fits ? kept : none;
    this.#namesLeft -= lengthOf(test.tags);
  }

  #finish(test: RunningTest, outcome: TestOutcome, endedAt: Timestamp | undefined): void {
    const { id, startedAt, tags } = test;
    if (outcome === 'passed') test.details?.discard();
    const details = outcome === 'passed' ? '' : (test.details?.compose() ?? '');
    this.#done.push({
      id,
      outcome,
      duration: duration(startedAt, endedAt),
      startedAt: milliseconds(startedAt),
      tags,
      details,
    });
  }
}

/** No id holds a NUL. An empty route is another one than none. */
function keyOf(id: string, route: string | undefined): string {
  return route === undefined ? id : `${id}\0${route}`;
}

/** Each once. */
function keptTags(tags: readonly string[]): readonly string[] {
  if (tags.length === 1 && tags[0]!.length <= maxTag) return tags;
  return [...new Set(tags)].slice(0, maxTags).map((one) => one.slice(0, maxTag).toWellFormed());
}

function lengthOf(texts: readonly string[]): number {
  let sum = 0;
  for (const text of texts) sum += text.length;
  return sum;
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

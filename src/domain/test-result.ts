/** One test as a subunit v2 stream tells it. */
export interface TestResult {
  readonly id: string;
  readonly outcome: TestOutcome;
  /** How it ended when it was run again because it had failed; undefined: it was not. */
  readonly again?: TestOutcome | undefined;
  /** Milliseconds from its first packet to its last; undefined where one of them carried no time, or the clock went backwards. */
  readonly duration: number | undefined;
  /** Milliseconds since 1970 by the test server's clock; undefined where the first packet carried no time. */
  readonly startedAt?: number | undefined;
  readonly tags: readonly string[];
  /** Attached text (traceback, reason), bounded. */
  readonly details: string;
}

export type TestOutcome =
  | 'passed'
  | 'failed'
  | 'skipped'
  | 'expected-failure'
  | 'unexpected-success'
  /** Started, never finished: the stream ended before. */
  | 'incomplete';

export interface TestResults {
  readonly tests: readonly TestResult[];
  /** False where the stream was cut, held bytes that are no packet, or told more than the limits allow. */
  readonly intact: boolean;
  /** Bytes that belong to no packet, and the number of places in which they stood. */
  readonly skipped: { readonly bytes: number; readonly places: number };
  /** Packets that told of a test, or of tags, beyond the limits. */
  readonly dropped: number;
}

/** One test as a subunit v2 stream tells it. */
export interface TestResult {
  readonly id: string;
  readonly outcome: TestOutcome;
  /** Milliseconds; undefined where the stream carried no two timestamps. */
  readonly duration: number | undefined;
  /** Milliseconds since 1970 by the test server's clock; undefined where the stream carried no timestamp. */
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
  /** False where the stream was cut or held bytes that are no packet. */
  readonly intact: boolean;
}

import type { Verdict } from './verdict.ts';

/**
 * Life of a build. `queued` waits for server and slot; `running` is owned by one sidegate process; `done` carries a verdict.
 * A build is one attempt: an infra failure ends it and queues the next attempt as a build of its own.
 */
export type BuildState = 'queued' | 'running' | 'done';

/** What a running build is doing, in order. */
export type BuildStep = 'boot' | 'sweep' | 'run' | 'collect' | 'judge';

export interface Build {
  /** UUID; its first seven digits name the log folder. */
  readonly id: string;
  readonly buildset: string;
  readonly job: string;
  /** From 1. */
  readonly attempt: number;
  readonly state: BuildState;
  readonly step: BuildStep | undefined;
  /** Phase of the job that runs on the test server now. */
  readonly phase: string | undefined;
  /** Raised each time a process takes the build over; every write and every command of an older epoch is refused. */
  readonly epoch: number;
  readonly verdict: Verdict | undefined;
}

/** Runs builds so that they survive the process: a finished step is never repeated, an unfinished one runs again elsewhere. */
export interface DurableBuilds {
  /** Starts the workflow of a build that has this epoch; does nothing when it was started before. */
  start(buildId: string, epoch: number): Promise<void>;
  /** Continues workflows a dead process left, here or in another live process; starts those it had not come to start. */
  resume(buildIds: readonly string[]): Promise<void>;
}

/**
 * Runs a named step of the workflow and keeps its result (JSON-like values only). A step interrupted by a crash runs again from its
 * beginning; thrown errors lose their class when they are replayed, so steps return failures as values.
 */
export type RunStep = <T>(name: string, work: () => Promise<T>) => Promise<T>;

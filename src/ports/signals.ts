/** What wakes a loop, in every process that shares the database. */
export type Topic =
  | 'events'
  | 'files'
  | 'dependencies'
  | 'queue'
  | 'servers'
  | 'clouds'
  | 'images'
  | 'slots'
  | 'holds'
  | 'reports'
  | 'cancel'
  | 'status'
  /** The server of the build with this id came into another state, or was replaced: only that build waits for it. */
  | `server of ${string}`;

export interface Signals {
  /** Calls back after each signal of that topic, until the answer is called. */
  on(topic: Topic, listener: () => void): () => void;
  /** Tells all processes; for what no transaction announces. */
  send(topic: Topic): Promise<void>;
}

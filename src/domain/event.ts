import type { Change, Patchset } from './patchset.ts';

/** The few Gerrit events sidegate acts on. Times are milliseconds since 1970, taken from Gerrit (its resolution is a second). */
export type ReviewEvent =
  | { readonly type: 'patchset-created'; readonly patchset: Patchset; readonly createdAt: number }
  | {
      readonly type: 'comment-added';
      readonly patchset: Patchset;
      readonly author: CommentAuthor;
      /** The raw texts of the comment: the change message without Gerrit's `Patch Set N:` header, then each patchset-level comment. */
      readonly texts: readonly string[];
      /** Gerrit's id of the change message; only the REST interface tells it, the stream does not. */
      readonly messageId: string | undefined;
      readonly createdAt: number;
    }
  | { readonly type: 'change-abandoned'; readonly change: Change; readonly createdAt: number }
  | { readonly type: 'change-merged'; readonly change: Change; readonly createdAt: number };

export interface CommentAuthor {
  /** Absent for accounts without one. */
  readonly username: string | undefined;
  readonly name: string | undefined;
}

/** Where an event was heard: `stream` is SSH stream-events, `backfill` Gerrit's REST interface, `manual` the `enqueue` command. */
export type EventSource = 'stream' | 'backfill' | 'manual';

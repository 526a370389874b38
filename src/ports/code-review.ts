import type { RelatedChange } from '../domain/dependencies.ts';
import type { ChangeEvent, PatchsetEvent, ReviewEvent, StreamedType } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { BranchTip } from '../domain/tested-ref.ts';

/** One Gerrit. Every method throws SidegateError with a `gerrit-*` code; calls are bounded in time. */
export interface CodeReview {
  /** Configured name of the connection. */
  readonly name: string;

  /**
   * Opens the event stream and hands over each line as Gerrit sent it, at once and without back-pressure: a reader that pauses
   * loses events on Gerrit's side (its queue holds 128). Resolves when the stream is open; `ended` settles when it is over,
   * however it ended. Aborting `signal` closes it.
   */
  openStream(options: {
    onLine: (line: string) => void;
    /** Events to listen for. */
    types: readonly StreamedType[];
    signal: AbortSignal;
  }): Promise<{ ended: Promise<StreamEnd> }>;

  /** Turns a line of the stream into an event, or says why it is none for us. Never throws: the line is hostile input. */
  parseLine(line: string): ParsedLine;

  /**
   * What happened on open changes updated since `since` (ms since 1970), as the events the stream would have carried: one
   * patchset-created per current patchset, one comment-added per human message, patchset-level comments included. Oldest first.
   * `projects` bounds the query to what is configured (exact names, or patterns with `*`). Messages that `known` answers are left out:
   * what one says beyond Gerrit's list costs a request.
   */
  eventsSince(since: number, projects: readonly string[], known?: KnownMessages): AsyncIterable<ChangeEvent>;

  /** All branches of a project as they are now. Throws `not-found`. */
  branchTips(project: string): Promise<readonly BranchTip[]>;

  /** Current patchsets of open changes of these projects updated since `since` (ms since 1970), newest first. */
  openPatchsets(since: number, projects: readonly string[]): Promise<readonly OpenPatchset[]>;

  /** One change with its current patchset (or the asked one), for `enqueue`. Throws `not-found`. */
  findPatchset(change: number, patchset: number | undefined): Promise<PatchsetEvent>;

  /** Paths the patchset touches. Empty where Gerrit does not say what is new in it: a merge. */
  changedFiles(target: ReviewTarget): Promise<readonly string[]>;

  /** Commit message of a patchset. Throws `not-found`. */
  commitMessage(target: ReviewTarget): Promise<string>;

  /** The relation chain of a patchset, itself included; empty where there is none. Throws `not-found`. */
  relatedChanges(target: ReviewTarget): Promise<readonly RelatedChange[]>;

  /** Changes by number, or all with that Change-Id; none when there are none that this account may see. */
  findChanges(by: { readonly number: number } | { readonly changeId: string }): Promise<readonly FoundChange[]>;

  /** Posts one comment, with a vote where `vote` is given. Not idempotent: look with `findOwnComment` before a second try. */
  postReview(review: Review): Promise<PostedReview>;

  /** Number of the change's newest patchset, read from the change itself. */
  currentPatchset(target: ReviewTarget): Promise<number>;

  /** True when this account has a comment on that patchset whose text contains `marker`. */
  hasOwnComment(target: ReviewTarget, marker: string): Promise<boolean>;

  /** What an account, by user name or full name, has said on the change, oldest first. */
  messagesBy(account: string, target: ReviewTarget): Promise<readonly ReviewMessage[]>;

  /** Base URL for `git fetch`: append `/` and the project's name. */
  readonly fetchUrl: string;
}

export interface ReviewMessage {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly patchset: number;
  readonly text: string;
}

/** Gerrit's message on a change. */
export interface MessageName {
  readonly project: string;
  readonly change: number;
  readonly id: string;
}

/** The ids of those that are journaled already. */
export type KnownMessages = (messages: readonly MessageName[]) => Promise<ReadonlySet<string>>;

export interface FoundChange {
  /** The current one. */
  readonly patchset: Patchset;
  readonly message: string;
  readonly status: 'open' | 'merged' | 'abandoned';
  readonly isPrivate: boolean;
}

export interface OpenPatchset {
  readonly event: PatchsetEvent;
  /** This account has posted a result on it. */
  readonly hasReport: boolean;
}

/**
 * `dropped` is Gerrit's own `dropped-output`: it lost events and does not say how many. `key` is the same for the same event heard
 * twice over the stream.
 */
export type ParsedLine =
  | { readonly kind: 'event'; readonly key: string; readonly event: ReviewEvent }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'ignored'; readonly type: string; readonly reason: string };

export interface StreamEnd {
  readonly reason: string;
  /** Set when trying again fast is useless: wrong key, missing capability, wrong host key. */
  readonly permanent: boolean;
}

export interface ReviewTarget {
  readonly project: string;
  readonly change: number;
  readonly patchset: number;
  readonly revision: string;
}

export interface Review extends ReviewTarget {
  readonly message: string;
  readonly tag: string;
  readonly vote: { readonly label: string; readonly value: number } | undefined;
}

/**
 * What Gerrit did: `voted`; `dropped` (it took the comment and silently ignored label or value); `refused` (no permission for the
 * vote, nothing was posted); `closed` (abandoned change: nothing was posted); `commented` (no vote was asked for).
 */
export interface PostedReview {
  readonly outcome: 'voted' | 'dropped' | 'refused' | 'closed' | 'commented';
  readonly detail: string;
}

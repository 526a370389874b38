import type { Change, Patchset } from './patchset.ts';
import type { BranchTip } from './tested-ref.ts';

/** The few Gerrit events sidegate acts on. Times are milliseconds since 1970, taken from Gerrit (its resolution is a second). */
export type ReviewEvent = ChangeEvent | BranchEvent;

export type ChangeEvent = PatchsetEvent | CommentEvent | ChangeClosed;

/** What Gerrit's stream tells of; the others are sidegate's own. */
export type StreamedType = Exclude<ReviewEvent['type'], 'periodic'>;

export interface PatchsetEvent extends OnPatchset {
  /** `change-restored`: it was abandoned before. `ready-for-review`: it was work in progress. `made-public`: it was private. */
  readonly type: 'patchset-created' | 'change-restored' | 'ready-for-review' | 'made-public';
  /** What Gerrit says of the difference to the patchset before; absent in journals from before it was kept. */
  readonly kind?: PatchsetKind | undefined;
}

/** Gerrit's own words, as far as they say that no code changed; `REWORK` and any other: it may have. */
export const unchangedKinds = [
  'NO_CHANGE',
  'NO_CODE_CHANGE',
  'TRIVIAL_REBASE',
  'TRIVIAL_REBASE_WITH_MESSAGE_UPDATE',
] as const;
export type PatchsetKind = (typeof unchangedKinds)[number] | 'REWORK';

export interface CommentEvent extends OnPatchset {
  readonly type: 'comment-added';
  readonly author: CommentAuthor;
  /** The raw texts of the comment: the change message without Gerrit's `Patch Set N:` header, then each patchset-level comment. */
  readonly texts: readonly string[];
  /** Votes that this comment changed; absent in journals from before they were kept. */
  readonly approvals?: readonly Approval[];
  /** Gerrit's id of the change message; only the REST interface tells it, the stream does not. */
  readonly messageId: string | undefined;
}

export interface ChangeClosed {
  readonly type: 'change-abandoned' | 'change-merged';
  readonly change: Change;
  readonly createdAt: number;
}

/** Not about a change. `ref-updated`: the branch got a new tip. `periodic`: the time of a pipeline came. */
export interface BranchEvent {
  readonly type: 'ref-updated' | 'periodic';
  readonly tip: BranchTip;
  /** Only this one is meant; undefined: all that wait for such an event. */
  readonly pipeline: string | undefined;
  readonly createdAt: number;
}

/** The change it is about, whatever the event tells of a patchset. */
export function changeOf(event: ChangeEvent): Change {
  return 'patchset' in event ? event.patchset : event.change;
}

interface OnPatchset {
  readonly patchset: Patchset;
  /** Absent in journals from before they were kept. */
  readonly facts?: ChangeFacts;
  readonly createdAt: number;
}

/** What filters look at, as it was at the time of the event. */
export interface ChangeFacts {
  readonly isWorkInProgress: boolean;
  readonly isPrivate: boolean;
  readonly topic: string | undefined;
  readonly hashtags: readonly string[];
}

export interface Approval {
  readonly label: string;
  readonly value: number;
}

export interface CommentAuthor {
  /** Absent for accounts without one. */
  readonly username: string | undefined;
  readonly name: string | undefined;
}

/** Where an event was heard: `stream` is SSH stream-events, `backfill` Gerrit's REST interface, `manual` the `enqueue` command, `timer` the clock. */
export type EventSource = 'stream' | 'backfill' | 'manual' | 'timer';

export function isBranchEvent(event: ReviewEvent): event is BranchEvent {
  return 'tip' in event;
}

/** What the simulator keeps. Times are whole seconds since 1970, as Gerrit's NoteDb keeps them. */

export interface Account {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly httpPassword: string | undefined;
  /** Public keys, `ssh-ed25519 AAAA…`. */
  readonly sshKeys: readonly string[];
  readonly capabilities: { readonly streamEvents: boolean; readonly submit: boolean; readonly administrate: boolean };
  /** Names, beside the groups everybody is in. */
  readonly groups: readonly string[];
  readonly mayVote: readonly VotePermission[];
  readonly registeredAt: number;
}

/** `projects` is an exact name or a pattern with `*`; `labels` maps a label to the lowest and highest vote allowed. */
interface VotePermission {
  readonly projects: string;
  readonly labels: Readonly<Record<string, readonly [min: number, max: number]>>;
}

export interface Label {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Vote to its text, lowest first: `-1`, ` 0`, `+1`. */
  readonly values: ReadonlyMap<number, string>;
  /** Gerrit's own words, as far as known here: `changekind:NAME` and `is:MIN`, joined by ` OR `. */
  readonly copyCondition: string;
}

type ChangeStatus = 'NEW' | 'MERGED' | 'ABANDONED';
export type ChangeKind =
  | 'REWORK'
  | 'NO_CODE_CHANGE'
  | 'NO_CHANGE'
  | 'TRIVIAL_REBASE'
  | 'TRIVIAL_REBASE_WITH_MESSAGE_UPDATE';

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly date: number;
  /** Minutes east of UTC. */
  readonly tz: number;
}

export interface Commit {
  readonly revision: string;
  readonly tree: string;
  readonly parents: readonly { readonly commit: string; readonly subject: string }[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
  readonly files: readonly FileChange[];
}

export interface FileChange {
  readonly path: string;
  readonly status: 'A' | 'M' | 'D' | 'T';
  readonly oldMode: number;
  readonly newMode: number;
  readonly oldSha: string;
  readonly newSha: string;
  readonly insertions: number;
  readonly deletions: number;
  readonly oldSize: number;
  readonly newSize: number;
}

export interface Patchset extends Commit {
  readonly number: number;
  readonly ref: string;
  readonly uploaderId: number;
  readonly createdAt: number;
  readonly kind: ChangeKind;
}

export interface Message {
  readonly id: string;
  readonly tag?: string;
  readonly authorId: number;
  readonly at: number;
  readonly message: string;
  readonly patchset: number;
}

export interface Comment {
  readonly id: string;
  readonly path: string;
  readonly patchset: number;
  readonly line?: number;
  readonly inReplyTo?: string;
  readonly message: string;
  readonly unresolved: boolean;
  readonly authorId: number;
  readonly at: number;
  readonly messageId: string;
}

export interface Vote {
  readonly label: string;
  readonly value: number;
  readonly accountId: number;
  readonly patchset: number;
  readonly at: number;
  readonly tag?: string;
}

export interface Attention {
  readonly accountId: number;
  readonly operation: 'ADD' | 'REMOVE';
  readonly at: number;
  readonly reason: string;
}

export interface Reviewer {
  readonly accountId: number;
  readonly state: 'REVIEWER' | 'CC';
  readonly at: number;
  readonly byId: number;
}

/** The part of a change that is written anew with every step; patchsets, messages and comments only ever grow. */
export interface ChangeCore {
  readonly number: number;
  readonly project: string;
  readonly branch: string;
  readonly changeId: string;
  readonly ownerId: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly status: ChangeStatus;
  readonly wip: boolean;
  readonly private: boolean;
  readonly topic?: string;
  readonly hashtags: readonly string[];
  readonly submittedAt?: number;
  readonly submitterId?: number;
  /** Id of the newest NoteDb commit; here the id of the newest message or a fresh one. */
  readonly metaRevision: string;
  readonly votes: readonly Vote[];
  readonly attention: readonly Attention[];
  readonly reviewers: readonly Reviewer[];
}

export interface Change extends ChangeCore {
  readonly patchsets: readonly Patchset[];
  readonly messages: readonly Message[];
  readonly comments: readonly Comment[];
}

export interface ChangeDelta {
  readonly core: ChangeCore;
  readonly patchsets?: readonly Patchset[];
  readonly messages?: readonly Message[];
  readonly comments?: readonly Comment[];
}

export function currentPatchset(change: Change): Patchset {
  const patchset = change.patchsets.at(-1);
  if (patchset === undefined) throw new Error(`change ${change.number} has no patchset`);
  return patchset;
}

/** The change without its growing lists: what a step starts from. */
export function coreOf(change: Change): ChangeCore {
  const { patchsets: _patchsets, messages: _messages, comments: _comments, ...core } = change;
  return core;
}

/** The first paragraph on one line, as Gerrit shows it. */
export function subjectOf(message: string): string {
  const paragraph = message.trimStart().split(/\n[ \t]*\n/, 1)[0] ?? '';
  return paragraph.trimEnd().replaceAll(/[ \t]*\n/g, ' ');
}

export function subject(change: Change): string {
  return subjectOf(currentPatchset(change).message);
}

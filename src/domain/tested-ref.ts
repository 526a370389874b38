import { patchsetName } from './patchset.ts';
import type { Patchset } from './patchset.ts';

/** The newest commit of a branch, as it was when it was looked at: what a buildset tests that no change started. */
export interface BranchTip {
  readonly connection: string;
  readonly project: string;
  readonly branch: string;
  /** Commit id, 40 hex digits. */
  readonly revision: string;
  /** `refs/heads/BRANCH`. */
  readonly ref: string;
}

/** What a buildset tests. */
export type TestedRef = Patchset | BranchTip;

export function isPatchset(tested: TestedRef): tested is Patchset {
  return 'patchset' in tested;
}

/** `openstack/nova 12345,2`, or `openstack/nova master at 0a1b2c3`. */
export function testedName(tested: TestedRef): string {
  return isPatchset(tested) ? patchsetName(tested) : `${tested.project} ${tipName(tested)}`;
}

/** `master at 0a1b2c3`. */
export function tipName({ branch, revision }: BranchTip): string {
  return `${branch} at ${revision.slice(0, 7)}`;
}

/** What a new tip of a branch is journaled by: the same however it was heard. */
export function tipKey({ project, branch, revision }: BranchTip): string {
  return `ref-updated:${project}:${branch}:${revision}`;
}

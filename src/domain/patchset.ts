/** A Gerrit change as sidegate knows it. `connection` is the configured Gerrit's name: change numbers are unique only within one. */
export interface Change {
  readonly connection: string;
  readonly project: string;
  readonly branch: string;
  /** Gerrit's change number. */
  readonly number: number;
  /** `I` and 40 hex digits; not unique across branches and projects. */
  readonly changeId: string;
  /** First line of the commit message: hostile text, escape it wherever it is shown. */
  readonly subject: string;
  /** Username of the owner, or his name or e-mail where Gerrit gave no username. */
  readonly owner: string;
  /** Gerrit's page of the change. */
  readonly url: string;
}

/** One patchset of a change: what a buildset tests. */
export interface Patchset extends Change {
  /** Patchset number, from 1. */
  readonly patchset: number;
  /** Commit id, 40 hex digits. */
  readonly revision: string;
  /** `refs/changes/NN/NUMBER/PATCHSET`, what the job fetches. */
  readonly ref: string;
}

/** `nova 12345,2`: how people name a patchset. */
export function patchsetName(patchset: Pick<Patchset, 'project' | 'number' | 'patchset'>): string {
  return `${patchset.project} ${patchset.number},${patchset.patchset}`;
}

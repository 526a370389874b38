import type { Gerrit } from '../gerrit.ts';
import { Refusal } from '../gerrit.ts';
import { currentPatchset } from '../state/model.ts';
import type { Account, Change, Patchset } from '../state/model.ts';

export interface RestCall {
  readonly gerrit: Gerrit;
  readonly viewer: Account | undefined;
  /** The decoded parts of the path that stand for something. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Reads the whole body, up to its limit. */
  readonly body: () => Promise<Buffer>;
}

export function requireViewer(viewer: Account | undefined): Account {
  if (viewer === undefined) throw new Refusal(403, 'Authentication required');
  return viewer;
}

/** By number, `project~number`, `project~branch~Change-Id` or Change-Id. */
export function findChange({ gerrit, viewer, params: [id = ''] }: RestCall): Change {
  const visible = candidates(gerrit, id).filter((change) => gerrit.accounts.mayRead(viewer, change));
  const [change] = visible;
  if (visible.length > 1) throw new Refusal(404, `Multiple changes found for ${id}`);
  if (change === undefined) throw new Refusal(404, `Not found: ${id}`);
  return change;
}

function candidates({ store }: Gerrit, id: string): Change[] {
  const parts = id.split('~');
  const last = parts.at(-1) ?? '';
  const [project, branch] = parts;
  if (/^\d{1,9}$/.test(last) && parts.length <= 2) {
    const change = store.byNumber(Number(last));
    return change === undefined || (parts.length === 2 && change.project !== project) ? [] : [change];
  }
  const changes = store.byChangeId(last);
  if (parts.length === 1) return changes;
  if (parts.length === 2) return changes.filter((change) => change.project === project);
  return changes.filter(
    (change) => change.project === project && change.branch === branch?.replace(/^refs\/heads\//, ''),
  );
}

/** `current`, a patchset number, or a commit id of at least four digits. */
export function findPatchset(change: Change, revision: string): Patchset {
  if (revision === 'current') return currentPatchset(change);
  const isNumber = /^[1-9]\d{0,5}$/.test(revision);
  const isCommit = /^[0-9a-f]{4,40}$/.test(revision);
  const found =
    (isNumber ? change.patchsets.find(({ number }) => number === Number(revision)) : undefined) ??
    (isCommit ? change.patchsets.find((patchset) => patchset.revision.startsWith(revision)) : undefined);
  if (found === undefined) throw new Refusal(404, `Not found: ${revision}`);
  return found;
}

import type { Gerrit } from '../gerrit.ts';
import { commitMessageFile, lineCount } from '../git/commit-message.ts';
import { currentPatchset, subject } from '../state/model.ts';
import type { Account, Change, Patchset } from '../state/model.ts';

/** The shapes stream events and `gerrit query` share. */

export function accountAttribute({ name, email, username }: Account) {
  return { name, email, username };
}

export function changeUrl({ url }: Gerrit, { project, number }: Change): string {
  return `${url}/c/${project}/+/${number}`;
}

export function changeAttribute(gerrit: Gerrit, change: Change) {
  return {
    project: change.project,
    branch: change.branch,
    ...(change.topic === undefined ? {} : { topic: change.topic }),
    id: change.changeId,
    number: change.number,
    subject: subject(change),
    owner: accountAttribute(gerrit.accounts.byId(change.ownerId)),
    url: changeUrl(gerrit, change),
    commitMessage: currentPatchset(change).message,
    ...(change.hashtags.length === 0 ? {} : { hashtags: change.hashtags.toSorted() }),
    createdOn: change.createdAt,
    status: change.status,
    ...(change.wip ? { wip: true } : {}),
    ...(change.private ? { private: true } : {}),
  };
}

export function patchsetAttribute(gerrit: Gerrit, patchset: Patchset) {
  return { ...patchsetHead(gerrit, patchset), ...patchsetSizes(patchset) };
}

export function patchsetHead({ accounts }: Gerrit, patchset: Patchset) {
  const { author } = patchset;
  const known = accounts.byEmail(author.email);
  return {
    number: patchset.number,
    revision: patchset.revision,
    parents: patchset.parents.map(({ commit }) => commit),
    ref: patchset.ref,
    uploader: accountAttribute(accounts.byId(patchset.uploaderId)),
    createdOn: patchset.createdAt,
    author: known === undefined ? { name: author.name, email: author.email } : accountAttribute(known),
    kind: patchset.kind,
  };
}

/** Unlike REST, these sizes count the lines of `/COMMIT_MSG`. */
export function patchsetSizes(patchset: Patchset) {
  const files = patchset.files.reduce((sum, { insertions }) => sum + insertions, 0);
  const deletions = patchset.files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    sizeInsertions: files + lineCount(commitMessageFile(patchset)),
    // 0 and not -0 where nothing was deleted.
    sizeDeletions: deletions === 0 ? 0 : -deletions,
  };
}

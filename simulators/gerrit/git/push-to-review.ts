import { changeUrl } from '../events/attributes.ts';
import type { Gerrit } from '../gerrit.ts';
import { announceUploads, nextPatchsetNumber, patchsetRef, storeUpload } from '../actions/new-patchset.ts';
import type { Upload, Uploaded, UploadOptions } from '../actions/new-patchset.ts';
import { currentPatchset, subject, subjectOf } from '../state/model.ts';
import type { Account, Change, Commit } from '../state/model.ts';
import { changeKind } from './change-kind.ts';
import { footers } from './commit-message.ts';
import { newCommits } from './commits.ts';
import { branchTip } from './refs.ts';
import { git } from './run.ts';

/** Why a push is refused: `reason` in brackets behind the ref, `hint` as lines of the remote. */
export class PushRefused extends Error {
  override readonly name = 'PushRefused';
  readonly hint: string;

  constructor(reason: string, hint = '') {
    super(reason);
    this.hint = hint;
  }
}

export interface PushToReview {
  readonly project: string;
  readonly uploader: Account;
  readonly options: UploadOptions;
  /** The commit that was pushed; its objects are in the repository already. */
  readonly tip: string;
}

/** Turns every new commit up to the pushed one into a change or a patchset, all or none. The caller holds the repository. */
export async function pushToReview(gerrit: Gerrit, push: PushToReview): Promise<string> {
  const directory = gerrit.repositories.path(push.project);
  const head = (await branchTip(directory, push.options.branch))?.commit;
  if (head === undefined) throw new PushRefused(`branch ${push.options.branch} not found`);
  const commits = await newCommits(directory, push.tip, head);
  const fresh = commits.filter((commit) => !isKnown(gerrit, push, commit));
  if (fresh.length === 0) throw new PushRefused('no new changes');

  const uploads = await planUploads(gerrit, push, fresh);
  const updates = uploads.map(
    ({ number, change, commit }) => `update ${patchsetRef(number, nextPatchsetNumber(change))} ${commit.revision}\n`,
  );
  await git(['update-ref', '--stdin'], { directory, input: updates.join('') });
  const uploaded = uploads.map((upload) => storeUpload(gerrit, push.uploader, upload));
  await announceUploads(gerrit, push.uploader, uploaded);
  return summary(gerrit, uploaded);
}

function isKnown(gerrit: Gerrit, { project, options }: PushToReview, { revision }: Commit): boolean {
  const known = gerrit.store.byRevision(project, revision);
  if (known === undefined || known.change.branch !== options.branch) return false;
  if (currentPatchset(known.change).number === known.patchset) return true;
  throw new PushRefused(
    `commit ${revision.slice(0, 7)} is patch set ${known.patchset} of change ${known.change.number} already`,
  );
}

async function planUploads(
  gerrit: Gerrit,
  { project, options }: PushToReview,
  commits: readonly Commit[],
): Promise<Upload[]> {
  const seen = new Set<string>();
  const planned = commits.map((commit) => {
    const changeId = changeIdOf(commit);
    if (seen.has(changeId))
      throw new PushRefused(
        'same Change-Id in multiple changes.\nSquash the commits with the same Change-Id or ensure Change-Ids are unique for each commit',
      );
    seen.add(changeId);
    return { commit, changeId, change: openChange(gerrit, project, options.branch, changeId) };
  });
  const directory = gerrit.repositories.path(project);
  const uploads: Upload[] = [];
  for (const { commit, changeId, change } of planned) {
    const kind = await changeKind(directory, change && currentPatchset(change), commit);
    const number = change?.number ?? gerrit.store.takeNumber();
    uploads.push({ project, changeId, number, change, commit, kind, options });
  }
  return uploads;
}

function openChange(gerrit: Gerrit, project: string, branch: string, changeId: string): Change | undefined {
  const change = gerrit.store
    .byChangeId(changeId)
    .find((found) => found.project === project && found.branch === branch);
  if (change !== undefined && change.status !== 'NEW')
    throw new PushRefused(`change ${changeUrl(gerrit, change)} closed`);
  return change;
}

function changeIdOf({ message, revision }: Commit): string {
  const short = revision.slice(0, 7);
  const found = footers(message).filter(({ name }) => name === 'Change-Id');
  const [only] = found;
  if (only === undefined)
    throw new PushRefused(`commit ${short}: missing Change-Id in message footer`, missingChangeId(short, message));
  if (found.length > 1) throw new PushRefused(`commit ${short}: multiple Change-Id lines in message footer`);
  if (/^I[0-9a-f]{40}$/.test(only.value)) return only.value;
  throw new PushRefused(`commit ${short}: invalid Change-Id line format in message footer`);
}

function missingChangeId(short: string, message: string): string {
  return [
    `ERROR: commit ${short}: missing Change-Id in message footer`,
    '',
    'Hint: to automatically insert a Change-Id, install the hook commit-msg,',
    'and then amend the commit:',
    '  git commit --amend --no-edit',
    'Finally, push your changes again',
    '',
    `Subject: ${subjectOf(message)}`,
  ].join('\n');
}

function summary(gerrit: Gerrit, uploaded: readonly Uploaded[]): string {
  const created = uploaded.filter(({ before }) => before === undefined).length;
  const counts = [
    created === uploaded.length ? '' : `updated: ${uploaded.length - created}`,
    created === 0 ? '' : `new: ${created}`,
  ];
  const lines = uploaded.map(({ before, after }) => {
    const marks = [after.wip ? ' [WIP]' : '', after.private ? ' [PRIVATE]' : '', before === undefined ? ' [NEW]' : ''];
    return `  ${changeUrl(gerrit, after)} ${subject(after)}${marks.join('')}`;
  });
  const processing = ['refs: 1', ...counts.filter((count) => count !== ''), 'done'].join(', ');
  return [`Processing changes: ${processing}`, '', 'SUCCESS', '', ...lines, ''].join('\n');
}

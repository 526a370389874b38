import { createHash } from 'node:crypto';
import { commitMessageFile, lineCount } from '../git/commit-message.ts';
import { restTime } from '../query/times.ts';
import { currentPatchset, subjectOf } from '../state/model.ts';
import type { Change, Commit, FileChange, Patchset, Person } from '../state/model.ts';
import { person } from './view.ts';
import type { View } from './view.ts';

export function revisionInfos(view: View, change: Change) {
  const { options } = view;
  const all = options.has('ALL_REVISIONS') || options.has('ALL_COMMITS') || options.has('ALL_FILES');
  if (!all && !options.has('CURRENT_REVISION') && !options.has('CURRENT_COMMIT') && !options.has('CURRENT_FILES'))
    return {};
  const current = currentPatchset(change);
  const patchsets = options.has('ALL_REVISIONS') ? change.patchsets : [current];
  const infos = patchsets.map((patchset) => [patchset.revision, revisionInfo(view, change, patchset, current)]);
  return { current_revision: current.revision, revisions: Object.fromEntries(infos) };
}

function revisionInfo(view: View, change: Change, patchset: Patchset, current: Patchset) {
  const { options } = view;
  const isCurrent = patchset.number === current.number;
  const showCommit = options.has('ALL_COMMITS') || (isCurrent && options.has('CURRENT_COMMIT'));
  const showFiles = options.has('ALL_FILES') || (isCurrent && options.has('CURRENT_FILES'));
  return {
    kind: patchset.kind,
    _number: patchset.number,
    created: restTime(patchset.createdAt),
    uploader: person(view, patchset.uploaderId),
    ref: patchset.ref,
    fetch: {},
    ...(showCommit ? { commit: commitInfo(patchset) } : {}),
    branch: `refs/heads/${change.branch}`,
    ...(showFiles ? { files: fileInfos(patchset) } : {}),
  };
}

/** `commit` itself is told only where it is not the key already. */
export function commitInfo(commit: Commit) {
  return {
    parents: commit.parents.map(({ commit: id, subject }) => ({ commit: id, subject })),
    author: gitPerson(commit.author),
    committer: gitPerson(commit.committer),
    subject: subjectOf(commit.message),
    message: commit.message,
  };
}

function gitPerson({ name, email, date, tz }: Person) {
  return { name, email, date: restTime(date), tz };
}

export function fileInfos({ files }: Commit) {
  return Object.fromEntries(
    files.toSorted((left, right) => (left.path < right.path ? -1 : 1)).map((file) => [file.path, fileInfo(file)]),
  );
}

/** A modified file has no status, and lines are counted only where there are any. */
function fileInfo(file: FileChange) {
  return {
    ...(file.status === 'M' ? {} : { status: file.status === 'T' ? 'W' : file.status }),
    ...(file.oldMode === 0 ? {} : { old_mode: file.oldMode }),
    ...(file.newMode === 0 ? {} : { new_mode: file.newMode }),
    ...(file.oldMode === 0 ? {} : { old_sha: file.oldSha }),
    ...(file.newMode === 0 ? {} : { new_sha: file.newSha }),
    ...(file.insertions === 0 ? {} : { lines_inserted: file.insertions }),
    ...(file.deletions === 0 ? {} : { lines_deleted: file.deletions }),
    size_delta: file.newSize - file.oldSize,
    size: file.newSize,
  };
}

/** The first entry of `GET …/files/`: the commit message as a file. */
export function commitMessageInfo(commit: Commit) {
  const text = Buffer.from(commitMessageFile(commit));
  const blob = createHash('sha1').update(`blob ${text.length}\0`).update(text).digest('hex');
  return {
    status: 'A',
    old_sha: createHash('sha1').update('').digest('hex'),
    new_sha: blob,
    lines_inserted: lineCount(text.toString('utf8')),
    size_delta: text.length,
    size: text.length,
  };
}

import { git } from './run.ts';
import type { ChangeKind, Commit } from '../state/model.ts';

/** How a new patchset differs from the one before. */
export async function changeKind(directory: string, before: Commit | undefined, after: Commit): Promise<ChangeKind> {
  if (before === undefined) return 'REWORK';
  const sameMessage = before.message === after.message;
  if (sameParents(before, after)) {
    if (before.tree !== after.tree) return 'REWORK';
    return sameMessage ? 'NO_CHANGE' : 'NO_CODE_CHANGE';
  }
  if (before.parents.length !== 1 || after.parents.length !== 1) return 'REWORK';
  if (!(await samePatch(directory, before, after))) return 'REWORK';
  return sameMessage ? 'TRIVIAL_REBASE' : 'TRIVIAL_REBASE_WITH_MESSAGE_UPDATE';
}

function sameParents(before: Commit, after: Commit): boolean {
  return before.parents.map(({ commit }) => commit).join() === after.parents.map(({ commit }) => commit).join();
}

/** Gerrit rebases again and compares trees; the same diff apart from line numbers is near enough. */
async function samePatch(directory: string, before: Commit, after: Commit): Promise<boolean> {
  if (before.files.map(({ path }) => path).join('\0') !== after.files.map(({ path }) => path).join('\0')) return false;
  const [left, right] = await Promise.all([patchText(directory, before), patchText(directory, after)]);
  return left === right;
}

async function patchText(directory: string, { revision }: Commit): Promise<string> {
  const output = await git(['diff-tree', '-p', '--no-renames', '--no-commit-id', revision], { directory });
  return output
    .toString('latin1')
    .replaceAll(/^@@ .*$/gm, '@@')
    .replaceAll(/^index .*$/gm, '');
}

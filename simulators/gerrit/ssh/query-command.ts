import { accountAttribute, changeAttribute, patchsetHead, patchsetSizes } from '../events/attributes.ts';
import { Refusal } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import { gson } from '../gson.ts';
import { commitMessageFile, lineCount } from '../git/commit-message.ts';
import { runQuery } from '../query/run.ts';
import { currentPatchset } from '../state/model.ts';
import type { Change, Patchset } from '../state/model.ts';
import type { CommandCall } from './commands.ts';
import { fatal, parseOptions } from './command-line.ts';

const flags = [
  'current-patch-set',
  'patch-sets',
  'all-approvals',
  'comments',
  'commit-message',
  'dependencies',
  'files',
  'submit-records',
  'all-reviewers',
];

const names = {
  ...Object.fromEntries(flags.map((flag) => [`--${flag}`, flag])),
  '--format': 'format',
  '--start': 'start',
  '-S': 'start',
};

type Wanted = ReadonlySet<string>;

/** One JSON line for each change, then the statistics. A bad query is an answer too: exit status 0. */
export function queryCommand({ gerrit, account, words }: CommandCall): string {
  const began = Date.now();
  const { operands, options } = parseOptions(words, { names, flags: new Set(flags) });
  if (options.get('format')?.at(-1)?.toUpperCase() !== 'JSON')
    throw fatal('the simulator writes JSON only: use --format=JSON');
  const start = Number(options.get('start')?.at(-1) ?? 0) || 0;
  const wanted: Wanted = new Set(options.keys());
  try {
    const { changes, more } = runQuery({ gerrit, viewer: account }, operands.join(' '), { start, limit: undefined });
    const lines = changes.map((change) => gson(changeLine(gerrit, change, wanted)));
    const stats = {
      type: 'stats',
      rowCount: changes.length,
      runTimeMilliseconds: Date.now() - began,
      moreChanges: more,
    };
    return `${[...lines, gson(stats)].join('\n')}\n`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${gson({ type: 'error', message: error.message })}\n`;
  }
}

function changeLine(gerrit: Gerrit, change: Change, wanted: Wanted) {
  const {
    commitMessage,
    hashtags: _hashtags,
    createdOn,
    status,
    wip,
    private: isPrivate,
    ...head
  } = changeAttribute(gerrit, change);
  const patchsets = wanted.has('patch-sets') || wanted.has('all-approvals');
  return {
    ...head,
    ...(wanted.has('commit-message') ? { commitMessage } : {}),
    hashtags: change.hashtags.toSorted(),
    createdOn,
    lastUpdated: change.updatedAt,
    open: change.status === 'NEW',
    status,
    ...(wip ? { wip } : {}),
    ...(isPrivate ? { private: isPrivate } : {}),
    ...(wanted.has('all-reviewers') ? { allReviewers: reviewers(gerrit, change) } : {}),
    ...(wanted.has('comments') ? { comments: comments(gerrit, change) } : {}),
    ...(wanted.has('current-patch-set')
      ? { currentPatchSet: patchsetLine(gerrit, change, currentPatchset(change), wanted) }
      : {}),
    ...(patchsets
      ? { patchSets: change.patchsets.map((patchset) => patchsetLine(gerrit, change, patchset, wanted)) }
      : {}),
    ...(wanted.has('dependencies') ? dependencies(gerrit, change) : {}),
    ...(wanted.has('submit-records') ? { submitRecords: submitRecords(gerrit, change) } : {}),
  };
}

function reviewers({ accounts }: Gerrit, change: Change) {
  return change.reviewers.map(({ accountId }) => accountAttribute(accounts.byId(accountId)));
}

function comments({ accounts }: Gerrit, change: Change) {
  return change.messages.map(({ at, authorId, message }) => ({
    timestamp: at,
    reviewer: accountAttribute(accounts.byId(authorId)),
    message,
  }));
}

function patchsetLine(gerrit: Gerrit, change: Change, patchset: Patchset, wanted: Wanted) {
  const approvals = approvalLines(gerrit, change, patchset);
  const inline = inlineComments(gerrit, change, patchset);
  const showApprovals = wanted.has('all-approvals') || wanted.has('current-patch-set');
  return {
    ...patchsetHead(gerrit, patchset),
    ...(showApprovals && approvals.length > 0 ? { approvals } : {}),
    ...(wanted.has('comments') && inline.length > 0 ? { comments: inline } : {}),
    ...(wanted.has('files') ? { files: files(patchset) } : {}),
    ...patchsetSizes(patchset),
  };
}

function approvalLines({ accounts }: Gerrit, change: Change, { number }: Patchset) {
  return change.votes
    .filter(({ patchset }) => patchset === number)
    .map(({ label, value, at, accountId }) => ({
      type: label,
      description: label,
      value: String(value),
      grantedOn: at,
      by: accountAttribute(accounts.byId(accountId)),
    }));
}

function inlineComments({ accounts }: Gerrit, change: Change, { number }: Patchset) {
  return change.comments
    .filter(({ patchset }) => patchset === number)
    .map(({ path, line, authorId, message }) => ({
      file: path,
      line: line ?? 0,
      reviewer: accountAttribute(accounts.byId(authorId)),
      message,
    }));
}

const fileTypes = { A: 'ADDED', M: 'MODIFIED', D: 'DELETED', T: 'REWRITE' } as const;

function files(patchset: Patchset) {
  const message = {
    file: '/COMMIT_MSG',
    type: 'ADDED',
    insertions: lineCount(commitMessageFile(patchset)),
    deletions: 0,
  };
  const others = patchset.files.map(({ path, status, insertions, deletions }) => ({
    file: path,
    type: fileTypes[status],
    insertions,
    deletions: deletions === 0 ? 0 : -deletions,
  }));
  return [message, ...others];
}

/** Parents that are changes, and changes whose parent this is. */
function dependencies({ store }: Gerrit, change: Change) {
  const current = currentPatchset(change);
  const dependsOn = current.parents.flatMap(({ commit }) => {
    const parent = store.byRevision(change.project, commit);
    return parent === undefined ? [] : [dependency(parent.change, parent.patchset, true)];
  });
  const revisions = new Set(change.patchsets.map(({ revision }) => revision));
  const neededBy = [...store.all()]
    .filter(({ project }) => project === change.project)
    .flatMap((child) =>
      child.patchsets
        .filter(({ parents }) => parents.some(({ commit }) => revisions.has(commit)))
        .map(({ number }) => dependency(child, number, false)),
    );
  return { ...(dependsOn.length === 0 ? {} : { dependsOn }), ...(neededBy.length === 0 ? {} : { neededBy }) };
}

function dependency(change: Change, patchset: number, withCurrent: boolean) {
  const found = change.patchsets.find(({ number }) => number === patchset) ?? currentPatchset(change);
  const isCurrent = { isCurrentPatchSet: found.number === currentPatchset(change).number };
  const head = { id: change.changeId, number: change.number, revision: found.revision, ref: found.ref };
  return { ...head, ...(withCurrent ? isCurrent : {}) };
}

function submitRecords({ accounts }: Gerrit, change: Change) {
  const { number } = currentPatchset(change);
  const labels = accounts.labels.map(({ name }) => name).toSorted();
  const records = labels.map((label) => {
    const vote = change.votes.find((given) => given.label === label && given.patchset === number && given.value > 0);
    const by = vote === undefined ? {} : { by: accountAttribute(accounts.byId(vote.accountId)) };
    return { label, status: 'MAY', ...by };
  });
  return [{ status: change.status === 'MERGED' ? 'CLOSED' : 'OK', labels: records }];
}

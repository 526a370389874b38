import { restTime } from '../query/times.ts';
import { currentPatchset, subject } from '../state/model.ts';
import type { Change, Message } from '../state/model.ts';
import { detailedLabels, shortLabels } from './label-info.ts';
import { revisionInfos } from './revision-info.ts';
import { submitRequirements } from './submit-info.ts';
import { person } from './view.ts';
import type { View } from './view.ts';

/** Gerrit's ChangeInfo, in its order of fields. */
export function changeInfo(view: View, change: Change, moreChanges = false) {
  return {
    ...head(view, change),
    ...labels(view, change),
    ...reviewerUpdates(view, change),
    ...(view.options.has('MESSAGES') ? { messages: change.messages.map((message) => messageInfo(view, message)) } : {}),
    current_revision_number: currentPatchset(change).number,
    ...revisionInfos(view, change),
    ...(moreChanges ? { _more_changes: true } : {}),
    requirements: [],
    submit_records: submitRecords(view, change),
    ...(view.options.has('SUBMIT_REQUIREMENTS') ? { submit_requirements: submitRequirements(change) } : {}),
  };
}

function head(view: View, change: Change) {
  const project = encodeURIComponent(change.project);
  const { files } = currentPatchset(change);
  return {
    id: `${project}~${change.number}`,
    triplet_id: `${project}~${encodeURIComponent(change.branch)}~${change.changeId}`,
    project: change.project,
    branch: change.branch,
    ...(change.topic === undefined ? {} : { topic: change.topic }),
    ...attention(view, change),
    hashtags: change.hashtags.toSorted(),
    change_id: change.changeId,
    subject: subject(change),
    status: change.status,
    created: restTime(change.createdAt),
    updated: restTime(change.updatedAt),
    ...submission(view, change),
    insertions: files.reduce((sum, { insertions }) => sum + insertions, 0),
    deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
    total_comment_count: change.comments.length,
    unresolved_comment_count: change.comments.filter(({ unresolved }) => unresolved).length,
    ...(change.private ? { is_private: true } : {}),
    ...(change.wip ? { work_in_progress: true } : {}),
    has_review_started: !change.wip,
    ...(change.status === 'MERGED' ? { submission_id: String(change.number) } : {}),
    meta_rev_id: change.metaRevision,
    _number: change.number,
    virtual_id_number: change.number,
    owner: person(view, change.ownerId),
  };
}

function submission(view: View, { status, submittedAt, submitterId }: Change) {
  if (status === 'NEW') return { submit_type: 'MERGE_IF_NECESSARY' };
  if (submittedAt === undefined || submitterId === undefined) return {};
  return { submitted: restTime(submittedAt), submitter: person(view, submitterId) };
}

/** Both sets are there as soon as anybody was in the attention set once. */
function attention(view: View, { attention: entries }: Change) {
  if (entries.length === 0) return {};
  const of = (operation: 'ADD' | 'REMOVE') =>
    Object.fromEntries(
      entries
        .filter((entry) => entry.operation === operation)
        .map(({ accountId, at, reason }) => [
          accountId,
          { account: person(view, accountId), last_update: restTime(at), reason },
        ]),
    );
  return { attention_set: of('ADD'), removed_from_attention_set: of('REMOVE') };
}

function labels(view: View, change: Change) {
  if (view.options.has('DETAILED_LABELS')) return { ...detailedLabels(view, change), ...reviewers(view, change) };
  return view.options.has('LABELS') ? { labels: shortLabels(view, change) } : {};
}

function reviewers(view: View, change: Change) {
  const own = change.votes.some(({ accountId }) => accountId === view.viewer?.id);
  const isReviewer = change.reviewers.some(({ accountId }) => accountId === view.viewer?.id);
  const byState = (state: 'CC' | 'REVIEWER') => {
    const members = change.reviewers.filter((reviewer) => reviewer.state === state);
    return members.length === 0 ? {} : { [state]: members.map(({ accountId }) => person(view, accountId)) };
  };
  const removable = view.viewer !== undefined && (own || isReviewer) ? [person(view, view.viewer.id)] : [];
  return {
    removable_reviewers: removable,
    reviewers: { ...byState('CC'), ...byState('REVIEWER') },
    pending_reviewers: {},
  };
}

function reviewerUpdates(view: View, change: Change) {
  if (!view.options.has('REVIEWER_UPDATES')) return {};
  const updates = change.reviewers.map(({ accountId, state, at, byId }) => ({
    updated: restTime(at),
    updated_by: person(view, byId),
    reviewer: person(view, accountId),
    state,
  }));
  return { reviewer_updates: updates };
}

export function messageInfo(view: View, { id, tag, authorId, at, message, patchset }: Message) {
  return {
    id,
    ...(tag === undefined ? {} : { tag }),
    author: person(view, authorId),
    date: restTime(at),
    message,
    accounts_in_message: [],
    _revision_number: patchset,
  };
}

function submitRecords(view: View, change: Change) {
  if (change.status === 'ABANDONED') return [];
  const { number } = currentPatchset(change);
  const names = view.gerrit.accounts.labels.map(({ name }) => name).toSorted();
  const records = names.map((label) => {
    const votes = change.votes.filter((vote) => vote.label === label && vote.patchset === number && vote.value > 0);
    const best = votes.toSorted((left, right) => right.value - left.value)[0];
    return { label, status: 'MAY', ...(best === undefined ? {} : { applied_by: person(view, best.accountId) }) };
  });
  const status = change.status === 'MERGED' ? 'CLOSED' : 'OK';
  return [{ rule_name: 'gerrit~DefaultSubmitRule', status, labels: records }];
}

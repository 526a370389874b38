import type { Gerrit } from '../gerrit.ts';
import { currentPatchset } from '../state/model.ts';
import type { Account, Change, Patchset, Vote } from '../state/model.ts';
import { accountAttribute, changeAttribute, patchsetAttribute } from './attributes.ts';

const noRevision = '0'.repeat(40);

export interface RefUpdate {
  readonly refName: string;
  readonly oldRev: string;
  readonly newRev: string;
}

function changeFields(gerrit: Gerrit, change: Change) {
  return {
    change: changeAttribute(gerrit, change),
    project: change.project,
    refName: `refs/heads/${change.branch}`,
    changeKey: { id: change.changeId },
  };
}

function patchsetFields(gerrit: Gerrit, change: Change, patchset = currentPatchset(change)) {
  return { patchSet: patchsetAttribute(gerrit, patchset), ...changeFields(gerrit, change) };
}

function metaRef(number: number): string {
  return `refs/changes/${String(number % 100).padStart(2, '0')}/${number}/meta`;
}

export function publishRefUpdated(gerrit: Gerrit, account: Account, project: string, update: RefUpdate): void {
  const { oldRev, newRev, refName } = update;
  gerrit.hub.publish('ref-updated', {
    submitter: accountAttribute(account),
    refUpdate: { oldRev, newRev, refName, project },
  });
}

/** Every step on a change is a commit in NoteDb, and Gerrit tells of it. */
export function publishMetaUpdated(gerrit: Gerrit, account: Account, before: Change | undefined, after: Change): void {
  const update = {
    submitter: accountAttribute(account),
    refUpdate: {
      oldRev: before?.metaRevision ?? noRevision,
      newRev: after.metaRevision,
      refName: metaRef(after.number),
      project: after.project,
    },
  };
  gerrit.hub.publish('ref-updated', update, after);
}

export function publishPatchsetRef(gerrit: Gerrit, change: Change): void {
  const { ref: refName, revision: newRev, uploaderId } = currentPatchset(change);
  const submitter = accountAttribute(gerrit.accounts.byId(uploaderId));
  const refUpdate = { oldRev: noRevision, newRev, refName, project: change.project };
  gerrit.hub.publish('ref-updated', { submitter, refUpdate }, change);
}

export function publishPatchsetCreated(gerrit: Gerrit, change: Change): void {
  const uploader = accountAttribute(gerrit.accounts.byId(currentPatchset(change).uploaderId));
  gerrit.hub.publish('patchset-created', { uploader, ...patchsetFields(gerrit, change) }, change);
}

export function publishTopicChanged(gerrit: Gerrit, changer: Account, change: Change, oldTopic?: string): void {
  const fields = { changer: accountAttribute(changer), ...(oldTopic === undefined ? {} : { oldTopic }) };
  gerrit.hub.publish('topic-changed', { ...fields, ...changeFields(gerrit, change) }, change);
}

export interface CommentAdded {
  readonly author: Account;
  readonly patchset: Patchset;
  readonly comment: string;
  /** The author's votes on this patchset before and now. */
  readonly before: readonly Vote[];
  readonly after: readonly Vote[];
}

export function publishCommentAdded(gerrit: Gerrit, change: Change, added: CommentAdded): void {
  const { author, patchset, comment, before, after } = added;
  const approvals = gerrit.accounts.labels.map(({ name }) => {
    const value = String(after.find(({ label }) => label === name)?.value ?? 0);
    const oldValue = String(before.find(({ label }) => label === name)?.value ?? 0);
    return { type: name, description: name, value, ...(value === oldValue ? {} : { oldValue }) };
  });
  const event = { author: accountAttribute(author), approvals, comment, ...patchsetFields(gerrit, change, patchset) };
  gerrit.hub.publish('comment-added', event, change);
}

export function publishReviewerAdded(gerrit: Gerrit, adder: Account, reviewer: Account, change: Change): void {
  const fields = { reviewer: accountAttribute(reviewer), adder: accountAttribute(adder) };
  gerrit.hub.publish('reviewer-added', { ...fields, ...patchsetFields(gerrit, change) }, change);
}

export function publishWipChanged(gerrit: Gerrit, changer: Account, change: Change): void {
  const fields = { changer: accountAttribute(changer), ...patchsetFields(gerrit, change) };
  gerrit.hub.publish('wip-state-changed', fields, change);
}

export function publishPrivateChanged(gerrit: Gerrit, changer: Account, change: Change): void {
  const fields = { changer: accountAttribute(changer), ...patchsetFields(gerrit, change) };
  gerrit.hub.publish('private-state-changed', fields, change);
}

export function publishAbandoned(gerrit: Gerrit, abandoner: Account, change: Change, reason: string): void {
  const fields = { abandoner: accountAttribute(abandoner), ...(reason === '' ? {} : { reason }) };
  gerrit.hub.publish('change-abandoned', { ...fields, ...patchsetFields(gerrit, change) }, change);
}

export function publishRestored(gerrit: Gerrit, restorer: Account, change: Change, reason: string): void {
  const fields = { restorer: accountAttribute(restorer), ...(reason === '' ? {} : { reason }) };
  gerrit.hub.publish('change-restored', { ...fields, ...patchsetFields(gerrit, change) }, change);
}

export function publishMerged(gerrit: Gerrit, submitter: Account, change: Change, newRev: string): void {
  const fields = { submitter: accountAttribute(submitter), newRev, ...patchsetFields(gerrit, change) };
  gerrit.hub.publish('change-merged', fields, change);
}

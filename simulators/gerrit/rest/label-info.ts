import { restTime } from '../query/times.ts';
import { voteText } from '../state/accounts.ts';
import { currentPatchset } from '../state/model.ts';
import type { Change, Label, Vote } from '../state/model.ts';
import { person } from './view.ts';
import type { View } from './view.ts';

function currentVotes(change: Change, label: Label): Vote[] {
  const { number } = currentPatchset(change);
  return change.votes.filter((vote) => vote.label === label.name && vote.patchset === number);
}

function sortedLabels({ gerrit }: View): Label[] {
  return gerrit.accounts.labels.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** Who decides the label: the highest or lowest vote possible, else the strongest of the others. Closed changes have none. */
function decision(view: View, change: Change, label: Label) {
  if (change.status === 'MERGED') return { summary: {}, value: {} };
  const votes = currentVotes(change, label).toSorted((left, right) => left.value - right.value);
  const [lowest] = votes;
  const highest = votes.at(-1);
  if (lowest === undefined || highest === undefined) return { summary: {}, value: {} };
  if (lowest.value === label.min) return { summary: { rejected: person(view, lowest.accountId) }, value: {} };
  if (highest.value === label.max) return { summary: { approved: person(view, highest.accountId) }, value: {} };
  if (lowest.value < 0)
    return { summary: { disliked: person(view, lowest.accountId) }, value: { value: lowest.value } };
  return { summary: { recommended: person(view, highest.accountId) }, value: { value: highest.value } };
}

export function shortLabels(view: View, change: Change) {
  return Object.fromEntries(
    sortedLabels(view).map((label) => {
      const { summary, value } = decision(view, change, label);
      return [label.name, { ...summary, ...value, default_value: 0, optional: true }];
    }),
  );
}

export function detailedLabels(view: View, change: Change) {
  const labels = sortedLabels(view);
  return {
    labels: Object.fromEntries(labels.map((label) => [label.name, detailedLabel(view, change, label)])),
    ...(view.viewer === undefined ? {} : { permitted_labels: permittedLabels(view, change, labels) }),
    removable_labels: removableLabels(view, change, labels),
  };
}

function detailedLabel(view: View, change: Change, label: Label) {
  const { summary, value } = decision(view, change, label);
  const values = Object.fromEntries([...label.values].map(([vote, text]) => [voteText(vote), text]));
  const voters = change.reviewers.filter(({ state }) => state === 'REVIEWER');
  const all = voters.map(({ accountId }) => approval(view, change, label, accountId));
  return { ...summary, ...(all.length === 0 ? {} : { all }), values, ...value, default_value: 0, optional: true };
}

function approval(view: View, change: Change, label: Label, accountId: number) {
  const vote = currentVotes(change, label).find((candidate) => candidate.accountId === accountId);
  const account = view.gerrit.accounts.byId(accountId);
  const range = view.gerrit.accounts.votingRange(account, change.project, label.name);
  const value = vote?.value ?? (range === undefined ? undefined : 0);
  return {
    ...(vote?.tag === undefined ? {} : { tag: vote.tag }),
    ...(value === undefined ? {} : { value }),
    ...(vote === undefined ? {} : { date: restTime(vote.at) }),
    ...votingRange(change, range, vote),
    ...person(view, accountId),
  };
}

/** After the merge a vote can only be raised. */
function votingRange(change: Change, range: readonly [number, number] | undefined, vote: Vote | undefined) {
  if (range === undefined) return {};
  const [min, max] = range;
  if (change.status !== 'MERGED') return { permitted_voting_range: { min, max } };
  return vote === undefined ? {} : { permitted_voting_range: { min: vote.value, max } };
}

function permittedLabels({ gerrit, viewer }: View, change: Change, labels: readonly Label[]) {
  if (viewer === undefined || change.status === 'ABANDONED') return {};
  return Object.fromEntries(
    labels.flatMap((label) => {
      const range = gerrit.accounts.votingRange(viewer, change.project, label.name);
      if (range === undefined) return [];
      const own = currentVotes(change, label).find(({ accountId }) => accountId === viewer.id)?.value ?? 0;
      const min = change.status === 'MERGED' ? Math.max(range[0], own) : range[0];
      const values = [...label.values.keys()].filter((value) => value >= min && value <= range[1]);
      return [[label.name, values.map(voteText)]];
    }),
  );
}

function removableLabels(view: View, change: Change, labels: readonly Label[]) {
  const { viewer } = view;
  if (viewer === undefined || change.status !== 'NEW') return {};
  const mayRemoveAll = viewer.capabilities.administrate;
  return Object.fromEntries(
    labels.flatMap((label) => {
      const votes = currentVotes(change, label).filter(({ accountId }) => mayRemoveAll || accountId === viewer.id);
      const byValue = Map.groupBy(votes, ({ value }) => voteText(value));
      const entries = [...byValue].map(([value, voters]) => [
        value,
        voters.map(({ accountId }) => person(view, accountId)),
      ]);
      return entries.length === 0 ? [] : [[label.name, Object.fromEntries(entries)]];
    }),
  );
}

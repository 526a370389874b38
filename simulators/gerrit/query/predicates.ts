import { now, Refusal } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import { currentPatchset } from '../state/model.ts';
import type { Account, Change } from '../state/model.ts';
import { parseAge, parseTimestamp } from './times.ts';

export type Predicate = (change: Change) => boolean;

export interface QueryContext {
  readonly gerrit: Gerrit;
  readonly viewer: Account | undefined;
}

type Operator = (value: string, context: QueryContext) => Predicate;

/** An exact text, or a regular expression behind `^`. */
function matches(value: string, read: (change: Change) => string | undefined): Predicate {
  if (!value.startsWith('^')) return (change) => read(change) === value;
  const pattern = regularExpression(value);
  return (change) => pattern.test(read(change) ?? '');
}

function regularExpression(value: string): RegExp {
  try {
    return new RegExp(`^(?:${value.slice(1).replace(/\$$/, '')})$`);
  } catch {
    throw new Refusal(400, `Invalid regular expression: ${value}`);
  }
}

const states: Readonly<Record<string, Predicate>> = {
  open: ({ status }) => status === 'NEW',
  pending: ({ status }) => status === 'NEW',
  new: ({ status }) => status === 'NEW',
  closed: ({ status }) => status !== 'NEW',
  merged: ({ status }) => status === 'MERGED',
  abandoned: ({ status }) => status === 'ABANDONED',
};

const qualities: Readonly<Record<string, (context: QueryContext) => Predicate>> = {
  wip: () => (change) => change.wip,
  private: () => (change) => change.private,
  owner:
    ({ viewer }) =>
    (change) =>
      change.ownerId === viewer?.id,
  reviewer:
    ({ viewer }) =>
    (change) =>
      change.reviewers.some(({ accountId }) => accountId === viewer?.id),
};

function status(value: string, context: QueryContext, operator: string): Predicate {
  const name = value.toLowerCase();
  const found = states[name] ?? (operator === 'is' ? qualities[name]?.(context) : undefined);
  if (found === undefined) throw new Refusal(400, `Unrecognized value: ${value}`);
  return found;
}

const project: Operator = (value) => matches(value, (change) => change.project);
const branch: Operator = (value) => matches(value.replace(/^refs\/heads\//, ''), (change) => change.branch);

const after: Operator = (value) => {
  const since = parseTimestamp(value);
  return ({ updatedAt }) => updatedAt >= since;
};

const before: Operator = (value) => {
  const until = parseTimestamp(value);
  return ({ updatedAt }) => updatedAt <= until;
};

const age: Operator = (value) => {
  const until = now() - parseAge(value);
  return ({ updatedAt }) => updatedAt <= until;
};

const change: Operator = (value) => {
  if (/^\d+$/.test(value)) return ({ number }) => number === Number(value);
  if (/^I[0-9a-f]{4,40}$/i.test(value)) return ({ changeId }) => changeId.startsWith(value.replace(/^i/, 'I'));
  const [, name, ref, id] = /^(.+)~(.+)~(I[0-9a-f]{40})$/.exec(value) ?? [];
  if (id === undefined) throw new Refusal(400, 'Invalid change format');
  return (found) => found.project === name && found.branch === ref && found.changeId === id;
};

const commit: Operator = (value) => (found) => found.patchsets.some(({ revision }) => revision.startsWith(value));

function person(value: string, { gerrit, viewer }: QueryContext): number {
  const found = gerrit.accounts.resolve(value, viewer);
  if (found === undefined) throw new Refusal(400, `User ${value} not found`);
  return found.id;
}

const owner: Operator = (value, context) => {
  const id = person(value, context);
  return ({ ownerId }) => ownerId === id;
};

const reviewer: Operator = (value, context) => {
  const id = person(value, context);
  return ({ reviewers }) => reviewers.some(({ accountId, state }) => accountId === id && state === 'REVIEWER');
};

/** Every word must occur; a real Gerrit asks its full-text index. */
const message: Operator = (value) => {
  const words = value.toLowerCase().split(/\s+/);
  return (found) => {
    const text = currentPatchset(found).message.toLowerCase();
    return words.every((word) => text.includes(word));
  };
};

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
};

/** `Verified=1`, `Verified+1`, `Verified>=1,user=zvm-ci`. */
const label: Operator = (value, context) => {
  const [, name, sign, votes, user] =
    /^([A-Za-z-]+?)(=|>=|<=|>|<|(?=[+-]))([+-]?\d)(?:,(?:user=)?(.+))?$/.exec(value) ?? [];
  const compare = comparisons[sign === '' ? '=' : (sign ?? '')];
  if (name === undefined || compare === undefined) throw new Refusal(400, `Invalid label: ${value}`);
  const by = user === undefined ? undefined : person(user, context);
  return (found) => {
    const { number } = currentPatchset(found);
    const given = found.votes.filter((vote) => vote.patchset === number && vote.label === name);
    const relevant = by === undefined ? given : given.filter(({ accountId }) => accountId === by);
    const values = relevant.length === 0 ? [0] : relevant.map((vote) => vote.value);
    return values.some((vote) => compare(vote, Number(votes)));
  };
};

const operators: Readonly<Record<string, Operator>> = {
  project,
  p: project,
  projects: (value) => (found) => found.project.startsWith(value),
  status: (value, context) => status(value, context, 'status'),
  is: (value, context) => status(value, context, 'is'),
  branch,
  ref: branch,
  topic: (value) => matches(value, (found) => found.topic),
  hashtag: (value) => (found) => found.hashtags.includes(value),
  change,
  id: change,
  commit,
  owner,
  o: owner,
  reviewer,
  r: reviewer,
  after,
  since: after,
  before,
  until: before,
  age,
  message,
  label,
};

export function predicate(operator: string, value: string, context: QueryContext): Predicate {
  if (operator === '') return bareTerm(value, context);
  const found = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (found === undefined) throw new Refusal(400, `Unsupported operator ${operator}:${value}`);
  return found(value, context);
}

function bareTerm(value: string, context: QueryContext): Predicate {
  if (/^\d+$/.test(value) || /^I[0-9a-f]{4,40}$/i.test(value) || value.includes('~')) return change(value, context);
  return /^[0-9a-f]{7,40}$/.test(value) ? commit(value, context) : message(value, context);
}

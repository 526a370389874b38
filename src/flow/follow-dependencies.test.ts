import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeIdOf, startGerritChanges } from '../../test/flow/gerrit-changes.ts';
import type { GerritChanges } from '../../test/flow/gerrit-changes.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { Flow } from './context.ts';
import { createDependencyCache, followDependencies } from './follow-dependencies.ts';

let gerrit: GerritChanges;
let other: GerritChanges;

beforeAll(async () => {
  [gerrit, other] = await Promise.all([startGerritChanges(), startGerritChanges('other')]);
});
afterAll(async () => {
  await Promise.all([gerrit.stop(), other.stop()]);
});

function flowWith(...reviews: readonly CodeReview[]): Pick<Flow, 'reviews'> {
  return { reviews: new Map(reviews.map((review) => [review.name, { review, username: 'zvm-ci' }])) };
}

/** What is merged before the patchset, below it, and not followed; or why nothing is run. */
async function follow(patchset: Patchset, flow = flowWith(gerrit.review, other.review)) {
  const found = await followDependencies(flow, patchset, createDependencyCache());
  if (found.kind === 'refused') return { refused: found.reason };
  const { changes, ancestors, ignored } = found.dependencies;
  return {
    changes: changes.map(({ subject, isAbandoned }) => (isAbandoned ? `${subject}, abandoned` : subject)),
    below: ancestors.map(({ number, patchset: of, isOutdated }) => `${number},${of}${isOutdated ? ' outdated' : ''}`),
    ignored,
  };
}

const none = { changes: [], below: [], ignored: [] };
const dependsOn = (...on: readonly Patchset[]) => on.map(({ url }) => `Depends-On: ${url}`);

test('a change alone needs nothing', async () => {
  const alone = await gerrit.push({ title: 'Alone' });

  expect(await follow(alone)).toEqual(none);
});

test('footers are followed by address and Change-Id, across projects and Gerrits, to what those need', async () => {
  const vif = await gerrit.push({ project: 'openstack/os-vif', title: 'Vif' });
  await gerrit.push({ project: 'openstack/neutron', title: 'Agent', footers: dependsOn(vif) });
  const far = await other.push({ title: 'Far' });
  const near = await gerrit.push({
    title: 'Near',
    footers: [`Depends-On: ${changeIdOf('Agent')}`, ...dependsOn(far), ...dependsOn(vif)],
  });

  expect(await follow(near)).toEqual({ ...none, changes: ['Vif', 'Agent', 'Far'] });
});

test('a relation chain is brought along by git, and the footers of all of it count', async () => {
  const vif = await gerrit.push({ project: 'openstack/os-vif', title: 'Needed below' });
  const first = await gerrit.push({ title: 'First of three', footers: dependsOn(vif) });
  const second = await gerrit.push({ title: 'Second of three', on: first });
  const third = await gerrit.push({ title: 'Third of three', on: second });
  await gerrit.push({ title: 'First of three', files: { moved: 'on' } });

  expect(await follow(third)).toEqual({
    ...none,
    changes: ['Needed below'],
    below: [`${second.number},1`, `${first.number},1 outdated`],
  });
  // What is above does not matter.
  expect(await follow(second)).toMatchObject({ below: [`${first.number},1 outdated`] });
});

test('the chain of a dependency is brought along too, and what is in it is not merged once more', async () => {
  const low = await gerrit.push({ project: 'openstack/neutron', title: 'Low' });
  const high = await gerrit.push({ project: 'openstack/neutron', title: 'High', on: low });
  const under = await gerrit.push({ title: 'On both', footers: dependsOn(low, high) });

  expect(await follow(under)).toEqual({ ...none, changes: ['High'], below: [`${low.number},1`] });
});

test('what is merged needs not be applied', async () => {
  const merged = await gerrit.push({ project: 'openstack/os-vif', title: 'To be merged' });
  const under = await gerrit.push({ title: 'On merged', footers: dependsOn(merged) });
  const before = await follow(under);
  await gerrit.merge(merged);

  expect([before, await follow(under)]).toEqual([{ ...none, changes: ['To be merged'] }, none]);
});

test('an abandoned change counts when it is named by its address, as for Zuul, not by its Change-Id', async () => {
  const dead = await gerrit.push({ project: 'openstack/neutron', title: 'Dead' });
  await gerrit.act(dead, 'abandon');
  const byAddress = await gerrit.push({ title: 'By address', footers: dependsOn(dead) });
  const byId = await gerrit.push({ title: 'By id', footers: [`Depends-On: ${changeIdOf('Dead')}`] });

  expect(await follow(byAddress)).toEqual({ ...none, changes: ['Dead, abandoned'] });
  expect(await follow(byId)).toEqual({
    ...none,
    ignored: [`Depends-On: ${changeIdOf('Dead')} is not followed: openstack/neutron ${dead.number},1 is abandoned.`],
  });
});

test('cycles are refused with their path, of footers, of footers and git, and below a dependency', async () => {
  const egg = await gerrit.push({ title: 'Egg' });
  const hen = await gerrit.push({ project: 'openstack/neutron', title: 'Hen', footers: dependsOn(egg) });
  const egg2 = await gerrit.push({ title: 'Egg', footers: dependsOn(hen) });
  const low = await gerrit.push({ title: 'Low of a loop' });
  const high = await gerrit.push({ title: 'High of a loop', on: low });
  const low2 = await gerrit.push({ title: 'Low of a loop', footers: dependsOn(high) });
  const outside = await gerrit.push({ title: 'Outside', footers: dependsOn(egg2) });

  const [nova, neutron] = [`openstack/nova ${egg.number},2`, `openstack/neutron ${hen.number},1`];
  expect(await follow(egg2)).toEqual({
    refused: `The change is part of a cycle of dependencies, which cannot be merged: ${nova} → ${neutron} → ${nova}.`,
  });
  expect(await follow(low2)).toEqual({ refused: expect.stringContaining('is part of a cycle') as string });
  expect(await follow(outside)).toEqual({ refused: expect.stringContaining('depends on a cycle') as string });
});

test('a change that names itself is no cycle', async () => {
  const own = await gerrit.push({ title: 'Own', footers: [`Depends-On: ${changeIdOf('Own')}`] });

  expect(await follow(own)).toEqual(none);
});

test('what cannot be followed is told, harmless to print, and the change is tested without it', async () => {
  const hidden = await gerrit.push({ project: 'openstack/os-vif', title: 'Hidden', options: '%private' });
  const far = await other.push({ title: 'Far away' });
  const under = await gerrit.push({
    title: 'Hopes',
    footers: [
      'Depends-On: https://elsewhere.example/c/x/+/1',
      'Depends-On: a \u001b[31mred\u202e herring',
      `Depends-On: ${gerrit.kit.url}/c/openstack/nova/+/99999`,
      ...dependsOn(hidden, far),
    ],
  });

  const found = await follow(under, flowWith(gerrit.review));

  expect(found).toEqual({
    ...none,
    ignored: [
      'Depends-On: https://elsewhere.example/c/x/+/1 is not followed: no Gerrit of that address is configured.',
      'Depends-On: a red herring is not followed: it names no change.',
      `Depends-On: ${gerrit.kit.url}/c/openstack/nova/+/99999 is not followed: there is no such change.`,
      `Depends-On: ${hidden.url} is not followed: there is no such change.`,
      `Depends-On: ${far.url} is not followed: no Gerrit of that address is configured.`,
    ],
  });
});

test('a long chain is asked for once, whichever of its changes is looked at', async () => {
  const chain: Patchset[] = [];
  for (let n = 0; n < 5; n += 1) chain.push(await gerrit.push({ title: `Link ${n}`, on: chain.at(-1) }));
  const asked: string[] = [];
  const review: CodeReview = {
    ...gerrit.review,
    relatedChanges: (target) => {
      asked.push(`chain of ${target.change}`);
      return gerrit.review.relatedChanges(target);
    },
    commitMessage: (target) => {
      asked.push(`message of ${target.change}`);
      return gerrit.review.commitMessage(target);
    },
  };
  const cache = createDependencyCache();

  for (const link of chain) await followDependencies(flowWith(review), link, cache);

  const numbers = chain.map(({ number }) => number);
  expect(asked.toSorted()).toEqual(
    [`chain of ${numbers[0]}`, ...numbers.map((number) => `message of ${number}`)].toSorted(),
  );
});

test('too many dependencies are refused, after a bounded number of requests', async () => {
  const many = Array.from({ length: 60 }, (_, n) => gerritChange(1000 + n, '', 'crowd'));
  const crowd = reviewOf('crowd', many, many.map(({ url }) => `Depends-On: ${url}`).join('\n'));
  const endless = reviewOf('endless', [], '', (number) => `Depends-On: http://endless/c/p/+/${number + 1}`);

  expect(await follow(gerritChange(1, '', 'crowd'), flowWith(crowd.review))).toEqual({
    refused: 'The change depends on more than 50 changes that are not merged.',
  });
  expect(await follow(gerritChange(1, '', 'endless'), flowWith(endless.review))).toEqual({
    refused: 'The change depends on a change over more than 20 others.',
  });
  expect(crowd.asked() + endless.asked()).toBeLessThan(200);
});

test('a private change is not followed: its code would be seen in logs that everybody reads', async () => {
  const secret = await gerrit.push({ project: 'openstack/os-vif', title: 'Secret' });
  const under = await gerrit.push({ title: 'On a secret', footers: dependsOn(secret) });
  const findChanges: CodeReview['findChanges'] = async (by) =>
    (await gerrit.review.findChanges(by)).map((found) => ({ ...found, isPrivate: true }));

  const found = await follow(under, flowWith({ ...gerrit.review, findChanges }));

  expect(found).toEqual({ ...none, ignored: [`Depends-On: ${secret.url} is not followed: the change is private.`] });
});

test('Gerrit’s failures are thrown on', async () => {
  const missing = followDependencies(flowWith(gerrit.review), gerritChange(99_999, ''), createDependencyCache());

  await expect(missing).rejects.toMatchObject({ code: 'not-found' });
});

function gerritChange(number: number, subject: string, connection = 'review'): Patchset {
  return {
    connection,
    project: 'p',
    branch: 'master',
    number,
    changeId: `I${number}`,
    subject,
    owner: 'dev',
    url: `http://${connection}/c/p/+/${number}`,
    patchset: 1,
    revision: number.toString(16).padStart(40, '0'),
    ref: `refs/changes/01/${number}/1`,
  };
}

/** A Gerrit of the test's own, larger than one with real git could be in a test. */
function reviewOf(
  name: string,
  changes: readonly Patchset[],
  rootMessage: string,
  endless?: (number: number) => string,
): { review: CodeReview; asked: () => number } {
  let asked = 0;
  const messageOf = (number: number) => endless?.(number) ?? (number === 1 ? rootMessage : '');
  const review = {
    name,
    fetchUrl: `http://${name}`,
    commitMessage: async ({ change }: { change: number }) => {
      asked += 1;
      return messageOf(change);
    },
    relatedChanges: async () => [],
    findChanges: async ({ number = 0 }: { number?: number }) => {
      asked += 1;
      const patchset = endless ? gerritChange(number, '', name) : changes.find((one) => one.number === number)!;
      return [{ patchset, message: messageOf(number), status: 'open', isPrivate: false }];
    },
  } as unknown as CodeReview;
  return { review, asked: () => asked };
}

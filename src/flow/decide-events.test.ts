import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { novaMaster, patchsetOf, prepareTriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { PatchsetKind, ReviewEvent } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { Pipeline, ProjectSettings } from '../domain/settings.ts';
import { supersedeRules } from '../domain/supersede.ts';
import type { Occasion } from '../domain/supersede.ts';
import type { Verdict } from '../domain/verdict.ts';

const check: Pipeline = {
  name: 'check',
  triggers: [
    ...(['patchset-created', 'change-restored', 'ready-for-review', 'made-public'] as const).map((event) => ({
      event,
    })),
    { event: 'recheck', names: [] },
    { event: 'approval', label: 'Verified', value: 1, by: 'zuul' },
  ],
  vote: undefined,
  priority: 0,
  isSilent: false,
};
const nova: ProjectSettings = { ...novaMaster, keepVerdict: ['NO_CODE_CHANGE', 'TRIVIAL_REBASE'] };

let ci: TriggerFlow;
beforeAll(async () => {
  ci = await prepareTriggerFlow({ pipelines: [check], projects: [nova] });
});
afterAll(() => ci.drop());

let lastChange = 5000;
const createdAt = 1_700_000_000_000;

function created(patchset: Patchset, kind?: PatchsetKind): ReviewEvent {
  return { type: 'patchset-created', patchset, kind, createdAt };
}

function commented(patchset: Patchset, said: { text?: string; vote?: number; by: string }): ReviewEvent {
  return {
    type: 'comment-added',
    patchset,
    author: { username: said.by, name: said.by },
    texts: [said.text ?? ''],
    approvals: said.vote === undefined ? [] : [{ label: 'Verified', value: said.vote }],
    messageId: undefined,
    createdAt,
  };
}

const eventOf: Readonly<Record<Occasion, (patchset: Patchset) => ReviewEvent>> = {
  'patchset-created': (patchset) => created(patchset),
  enqueue: (patchset) => created(patchset),
  recheck: (patchset) => commented(patchset, { text: 'recheck', by: 'bob' }),
  approval: (patchset) => commented(patchset, { vote: 1, by: 'zuul' }),
  'change-restored': (patchset) => ({ type: 'change-restored', patchset, createdAt }),
  'ready-for-review': (patchset) => ({ type: 'ready-for-review', patchset, createdAt }),
  'made-public': (patchset) => ({ type: 'made-public', patchset, createdAt }),
  'change-abandoned': (change) => ({ type: 'change-abandoned', change, createdAt }),
  'change-merged': (change) => ({ type: 'change-merged', change, createdAt }),
};

async function happens(occasion: Occasion, patchset: Patchset): Promise<void> {
  const id = await ci.hear(eventOf[occasion](patchset), occasion === 'enqueue' ? 'manual' : 'stream');
  await ci.decide();
  expect((await ci.decisionOn(id)).decision).not.toBeNull();
}

async function states(patchset: Patchset): Promise<readonly string[]> {
  return (await ci.buildsets(patchset)).map(({ state }) => state);
}

/** A change whose second patchset was heard; both are queued when `older` says so. */
async function newChange(older: 'without older builds' | 'with older builds'): Promise<readonly [Patchset, Patchset]> {
  const number = ++lastChange;
  const [first, second] = [patchsetOf(number, 1), patchsetOf(number, 2)];
  await happens('enqueue', second);
  if (older === 'with older builds') await happens('enqueue', first);
  return [first, second];
}

const occasions = Object.entries(supersedeRules) as [Occasion, (typeof supersedeRules)[Occasion]][];

/** What `supersedeRules` says of a cell, as the states of the patchset's buildsets afterwards. */
function after(before: string, cell: 'runs' | 'ignored' | 'ended'): readonly string[] {
  if (cell === 'runs') return [before, 'open'];
  return [cell === 'ended' ? 'cancelled' : before];
}

describe.each(occasions)('%s', (occasion, rule) => {
  test(`on a patchset that is queued: ${rule.queuedOrRunning}`, async () => {
    const [, second] = await newChange('without older builds');

    await happens(occasion, second);

    expect(await states(second)).toEqual(after('open', rule.queuedOrRunning));
  });

  test(`on a patchset that is running: ${rule.queuedOrRunning}`, async () => {
    const [, second] = await newChange('without older builds');
    await ci.start(second);

    await happens(occasion, second);

    expect(await states(second)).toEqual(after('open', rule.queuedOrRunning));
  });

  test(`on a patchset that has its result: ${rule.withResult}`, async () => {
    const [, second] = await newChange('without older builds');
    await ci.finish(second);

    await happens(occasion, second);

    expect(await states(second)).toEqual(after('done', rule.withResult));
  });

  test(`on a patchset that was stopped: ${rule.stopped}`, async () => {
    const [, second] = await newChange('without older builds');
    await happens('change-abandoned', second);

    await happens(occasion, second);

    expect(await states(second)).toEqual(after('cancelled', rule.stopped));
  });

  test(`on a patchset that is not the newest: ${rule.ofOlderPatchset}`, async () => {
    const [first] = await newChange('with older builds');
    await ci.finish(first);
    if (rule.ofOlderPatchset === 'ended') await happens('enqueue', first);
    const before = await states(first);

    await happens(occasion, first);

    const expected = { runs: [...before, 'open'], ignored: before, ended: ['done', 'cancelled'] };
    expect(await states(first)).toEqual(expected[rule.ofOlderPatchset]);
  });

  test(`ends builds of: ${rule.ends}`, async () => {
    const [first, second] = await newChange('with older builds');

    await happens(occasion, second);

    expect(await states(first)).toEqual([rule.ends === 'none' ? 'open' : 'cancelled']);
    expect((await states(second))[0]).toBe(rule.ends === 'change' ? 'cancelled' : 'open');
  });

  test(`on a patchset that was never run: ${rule.stopped}`, async () => {
    const patchset = patchsetOf(++lastChange);

    await happens(occasion, patchset);

    expect(await states(patchset)).toEqual(rule.stopped === 'runs' ? ['open'] : []);
  });
});

test('where no pipeline listens to comments, `enqueue` runs what a new patchset runs, and ends nothing', async () => {
  const triggers = [{ event: 'patchset-created' }] as const;
  const quiet = await prepareTriggerFlow({ pipelines: [{ ...check, triggers }], projects: [nova] });
  for (const patchset of [patchsetOf(1, 1), patchsetOf(1, 2)]) {
    await quiet.hear(created(patchset), 'manual');
    await quiet.decide();
  }

  expect(await quiet.buildsets(patchsetOf(1, 1))).toEqual([{ state: 'open', priority: 0 }]);
  expect(await quiet.buildsets(patchsetOf(1, 2))).toEqual([{ state: 'open', priority: 0 }]);
  await quiet.finish(patchsetOf(1, 2));
  await quiet.hear(created(patchsetOf(1, 2)), 'manual');
  await quiet.decide();
  expect((await quiet.buildsets(patchsetOf(1, 2))).map(({ state }) => state)).toEqual(['done', 'open']);
  await quiet.drop();
});

describe('a new patchset without a change of code', () => {
  const failure: Verdict = { result: 'FAILURE', reason: '', errorCode: undefined, tests: undefined, failedTests: [] };
  const broken: Verdict = { ...failure, result: 'NODE_FAILURE', errorCode: 'server-lost' };

  async function push(number: number, patchset: number, kind: PatchsetKind) {
    const id = await ci.hear(created(patchsetOf(number, patchset), kind));
    await ci.decide();
    return ci.decisionOn(id);
  }

  test.each([
    ['passed', undefined],
    ['failed', failure],
  ])('keeps the result of the one before that %s', async (_name, verdict) => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');
    await ci.finish(patchsetOf(number, 1), verdict);

    expect(await push(number, 2, 'NO_CODE_CHANGE')).toEqual({
      decision: 'ignored',
      reason: 'No code changed since patchset 1: its result in check counts.',
    });
  });

  test('keeps it over several such patchsets, and no longer than that', async () => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');
    await ci.finish(patchsetOf(number, 1));
    await push(number, 2, 'TRIVIAL_REBASE');

    const third = await push(number, 3, 'NO_CODE_CHANGE');
    const fourth = await push(number, 4, 'REWORK');
    const fifth = await push(number, 5, 'NO_CODE_CHANGE');

    expect(third.reason).toMatch(/since patchset 1/);
    expect([fourth.decision, fifth.decision]).toEqual(['started', 'started']);
  });

  test('is run where the one before is still queued, which ends', async () => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');

    expect((await push(number, 2, 'NO_CODE_CHANGE')).decision).toBe('started');
    expect(await states(patchsetOf(number, 1))).toEqual(['cancelled']);
  });

  test('is run where the one before ended without a verdict', async () => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');
    await ci.finish(patchsetOf(number, 1), broken);

    expect((await push(number, 2, 'NO_CODE_CHANGE')).decision).toBe('started');
  });

  test('is run where a patchset in between was missed', async () => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');
    await ci.finish(patchsetOf(number, 1));

    expect((await push(number, 3, 'NO_CODE_CHANGE')).decision).toBe('started');
  });

  test('is run when its kind is not one that is configured', async () => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');
    await ci.finish(patchsetOf(number, 1));

    expect((await push(number, 2, 'NO_CHANGE')).decision).toBe('started');
  });

  test('is run when somebody asks for it', async () => {
    const number = ++lastChange;
    await push(number, 1, 'REWORK');
    await ci.finish(patchsetOf(number, 1));
    await push(number, 2, 'NO_CODE_CHANGE');

    await happens('recheck', patchsetOf(number, 2));

    expect(await states(patchsetOf(number, 2))).toEqual(['open']);
  });
});

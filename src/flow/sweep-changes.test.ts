import { afterEach, describe, expect, test } from 'vitest';
import { patchsetOf, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { Settings } from '../domain/settings.ts';
import type { CodeReview, OpenPatchset } from '../ports/code-review.ts';
import { sweepChanges } from './sweep-changes.ts';

let prepared: CloudFlow;
afterEach(() => prepared.drop());

const sample = patchsetOf(1);
const settings: Partial<Settings> = {
  pipelines: [
    { name: 'check', triggers: [{ event: 'patchset-created' }], vote: undefined, priority: 0, isSilent: false },
  ],
  projects: [
    {
      connection: sample.connection,
      project: sample.project,
      branches: ['*'],
      pipelines: { check: ['job'] },
      filter: { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: false, private: true },
      votes: 'full',
    },
  ],
  changeSweep: { every: 1000, maxAge: 3_600_000, limit: 2 },
};

function open(change: number, changes: Partial<OpenPatchset> = {}, age = 0): OpenPatchset {
  const facts = { isWorkInProgress: false, isPrivate: false, topic: undefined, hashtags: [] };
  const event = { type: 'patchset-created', patchset: patchsetOf(change), facts, createdAt: Date.now() - age } as const;
  return { event, hasReport: false, ...changes };
}

/** Gerrit answers with these; events of the last two hours are known. */
async function sweep(...found: readonly OpenPatchset[]) {
  prepared ??= await prepare();
  const review = { name: sample.connection, openPatchsets: async () => found } as unknown as CodeReview;
  return sweepChanges(prepared.flow, { review, username: 'zvm-ci' });
}

async function prepare(): Promise<CloudFlow> {
  const flow = await prepareCloudFlow({ settings });
  await flow.rows.addEvent(patchsetOf(99));
  await flow.rows.database.pool.query(`update events set gerrit_at = now() - interval '2 hours'`);
  return flow;
}

describe('open changes', () => {
  test('without a result are queued once, the newest first, no more than the limit', async () => {
    prepared = await prepare();
    const all = [open(1), open(2), open(3)];

    const first = await sweep(...all);
    const again = await sweep(...all);
    const last = await sweep(...all);

    expect(first).toEqual({ open: 3, queued: 2, skipped: { 'over the limit': 1 } });
    // Those found before do not take the places of the others for ever.
    expect(again).toEqual({ open: 3, queued: 1, skipped: { 'found before': 2 } });
    expect(last).toMatchObject({ queued: 0 });
    const events = await prepared.rows.store.undecidedEvents(10);
    expect(events.map(({ key }) => key)).toContain(`sweep:${sample.project}~${patchsetOf(1).number}/1`);
  });

  test('with a result on Gerrit, a build here, a filter in the way, or too old, are not', async () => {
    prepared = await prepare();
    await prepared.rows.addBuildset(['job'], patchsetOf(2));
    const hidden = open(3);
    const facts = { ...hidden.event.facts!, isWorkInProgress: true };

    const found = await sweep(
      open(1, { hasReport: true }),
      open(2),
      { ...hidden, event: { ...hidden.event, facts } },
      open(4, {}, 2 * 3_600_000),
    );

    expect(found).toEqual({ open: 4, queued: 0, skipped: { reported: 1, known: 1, unwanted: 1, older: 1 } });
  });

  test('whose builds were taken away when they were abandoned are queued when they are open again', async () => {
    prepared = await prepare();
    await prepared.rows.addBuildset(['job'], patchsetOf(2));
    await prepared.rows.store.abortBuildsets(patchsetOf(2), undefined, 'abandoned');

    expect(await sweep(open(2))).toMatchObject({ queued: 1 });
  });

  test('are left alone by an installation that has heard of nothing yet', async () => {
    prepared = await prepareCloudFlow({ settings });

    expect(await sweep(open(1))).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decideReport } from '../../../flow/decide-report.ts';
import type { ReportDecision } from '../../../ports/report-store.ts';
import { createSampleRows, patchsetOf } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

let rows: SampleRows;
beforeEach(async () => {
  rows = await createSampleRows();
});
afterEach(() => rows.drop());

const vote = { label: 'Verified', value: -1 };

/** A buildset whose bad vote waits. */
async function hold(change: number): Promise<string> {
  const [build = ''] = await rows.addBuildset(['job'], patchsetOf(change));
  const { rows: found } = await rows.database.pool.query<{ buildset: string }>(
    `select buildset from builds where id = $1`,
    [build],
  );
  const buildset = found[0]!.buildset;
  await rows.database.pool.query(`update buildsets set state = 'done' where id = $1`, [buildset]);
  await rows.store.insertReport({
    buildset,
    message: 'Build failed',
    tag: 'tag',
    marker: buildset,
    vote,
    state: 'held',
    heldFor: 'vote',
    stoppedJob: undefined,
  });
  const { project } = patchsetOf(change);
  await rows.store.saveNotice({ code: 'report-held', subject: project, text: 'waits' });
  return buildset;
}

async function notices(): Promise<number> {
  const { rows: open } = await rows.database.pool.query(
    `select from notices where code = 'report-held' and closed_at is null`,
  );
  return open.length;
}

async function claimed() {
  return rows.store.claimReports(await rows.addProcess(), 10);
}

describe('a bad vote that waits', () => {
  test('is posted by nobody', async () => {
    await hold(1);

    expect(await claimed()).toEqual([]);
    expect(await rows.store.heldReports()).toMatchObject([{ vote, message: 'Build failed', pipeline: 'check' }]);
  });

  test.each([
    ['confirm', [vote]],
    ['downgrade', [{ ...vote, value: 0 }]],
    ['drop', []],
  ] as const)('%s: is posted as %o, and decided once', async (decision: ReportDecision, votes) => {
    const buildset = await hold(1);

    await decideReport(rows.store, { buildset, decision, by: 'ada' });
    const again = decideReport(rows.store, { buildset, decision: 'confirm', by: 'bob' });

    await expect(again).rejects.toMatchObject({ code: 'not-found' });
    expect((await claimed()).map((report) => report.vote)).toEqual(votes);
    expect(await rows.store.heldReports()).toEqual([]);
    expect(await notices()).toBe(0);
  });

  test('of a project keeps the operator’s notice until the last one is decided', async () => {
    const [first, second] = [await hold(1), await hold(2)];

    await decideReport(rows.store, { buildset: first, decision: 'drop', by: 'ada' });
    const between = await notices();
    await decideReport(rows.store, { buildset: second, decision: 'drop', by: 'ada' });

    expect([between, await notices()]).toEqual([1, 0]);
  });

  test('is dropped when a newer patchset comes, or the change is closed', async () => {
    await hold(1);
    await hold(2);

    await rows.store.abortBuildsets(patchsetOf(1), 2, 'Patchset 2 came.');
    await rows.store.abortBuildsets(patchsetOf(2), undefined, 'The change was abandoned.');

    expect(await rows.store.heldReports()).toEqual([]);
    expect(await claimed()).toEqual([]);
  });
});

test('the report of a silent pipeline is kept and never posted', async () => {
  const buildset = await hold(1);
  await rows.database.pool.query(`update reports set state = 'silent' where buildset = $1`, [buildset]);

  expect([await claimed(), await rows.store.heldReports()]).toEqual([[], []]);
});

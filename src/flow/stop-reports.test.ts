import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyJob, patchsetOf, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { Settings } from '../domain/settings.ts';
import type { Verdict } from '../domain/verdict.ts';
import { intendReport } from './intend-report.ts';
import { resumeReports } from './resume-reports.ts';
import { stopReports } from './stop-reports.ts';

const job = 'job';
const vote = { label: 'Verified', success: 1, failure: -1 };
const failure: Verdict = {
  result: 'FAILURE',
  reason: '2 of 9 tests failed.',
  errorCode: undefined,
  tests: undefined,
  failedTests: ['test.boot', 'test.resize'],
};
const success: Verdict = { ...failure, result: 'SUCCESS', reason: '9 tests passed.', failedTests: [] };

let prepared: CloudFlow;

function prepare(settings: Partial<Settings> = {}): Promise<CloudFlow> {
  return prepareCloudFlow({
    settings: {
      jobs: [{ ...anyJob, voting: true }],
      pipelines: [{ name: 'check', triggers: [], vote, priority: 0, isSilent: false }],
      stormBrake: { failures: 3, resume: 'success' },
      ...settings,
    },
  });
}

beforeEach(async () => {
  prepared = await prepare();
});
afterEach(() => prepared.drop());

/** A change by somebody of their own. */
function changeBy(number: number): Patchset {
  return { ...patchsetOf(number), owner: `dev${number}` };
}

/** Its builds end so; the state of its report. */
async function end(patchset: Patchset, verdict: Verdict): Promise<string | undefined> {
  const { flow, rows } = prepared;
  const [id = ''] = await rows.addBuildset([job], patchset);
  await rows.database.pool.query(
    `update builds set state = 'done', result = $2, reason = $3, failed_tests = $4 where id = $1`,
    [id, verdict.result, verdict.reason, JSON.stringify(verdict.failedTests)],
  );
  const { rows: found } = await rows.database.pool.query<{ buildset: string }>(
    `select buildset from builds where id = $1`,
    [id],
  );
  const buildset = found[0]!.buildset;
  await flow.store.transaction(async (tx) => {
    const closed = await tx.closeBuildset(buildset);
    await intendReport(flow, tx, closed!);
  });
  const { rows: reports } = await rows.database.pool.query<{ state: string }>(
    `select state from reports where buildset = $1`,
    [buildset],
  );
  return reports[0]?.state;
}

async function storm(): Promise<readonly (string | undefined)[]> {
  const states = [];
  for (const number of [1, 2, 3, 4]) states.push(await end(changeBy(number), failure));
  return states;
}

/** Changes somebody asked to be tested again. */
async function rerun(): Promise<readonly number[]> {
  const { rows } = await prepared.rows.database.pool.query<{ change_number: number }>(
    `select change_number from events where source = 'manual' order by id`,
  );
  return rows.map(({ change_number: number }) => number);
}

async function states(): Promise<readonly string[]> {
  const { rows } = await prepared.rows.database.pool.query<{ state: string }>(
    `select state from reports order by intended_at`,
  );
  return rows.map(({ state }) => state);
}

describe('a job that fails alike on different changes', () => {
  test('is not reported from the third in a row on, and the operator is told once', async () => {
    expect(await storm()).toEqual(['intended', 'intended', 'held', 'held']);
    expect(await prepared.rows.store.stoppedJobs()).toMatchObject([
      { job, by: undefined, waiting: 2, reason: expect.stringContaining('openstack/nova 3,1, openstack/nova 2,1') },
    ]);
    expect(await prepared.notices()).toEqual(['reports-stopped reports of job']);
    expect(await prepared.rows.store.heldReports()).toMatchObject([
      { heldFor: 'stopped', stoppedJob: job },
      { heldFor: 'stopped', stoppedJob: job },
    ]);
  });

  test('is reported from its next success on, and what waited is tested again', async () => {
    await storm();

    expect(await end(changeBy(5), success)).toBe('intended');

    expect(await prepared.rows.store.stoppedJobs()).toEqual([]);
    expect(await rerun()).toEqual([3, 4]);
    expect(await states()).toEqual(['intended', 'intended', 'dropped', 'dropped', 'intended']);
    expect(await prepared.notices()).toEqual([]);
    expect(await end(changeBy(6), failure)).toBe('intended');
  });

  test.each([
    ['rerun', ['intended', 'intended', 'dropped', 'dropped'], [3, 4]],
    ['post', ['intended', 'intended', 'intended', 'intended'], []],
    ['drop', ['intended', 'intended', 'dropped', 'dropped'], []],
  ] as const)('%s: a person lets reports go on, once', async (waiting, after, again) => {
    await storm();

    await resumeReports(prepared.rows.store, { job, by: 'ada', waiting });
    const twice = resumeReports(prepared.rows.store, { job, by: 'bob', waiting });

    await expect(twice).rejects.toMatchObject({ code: 'not-found' });
    expect([await states(), await rerun()]).toEqual([after, again]);
    expect(await prepared.notices()).toEqual([]);
    // What was before counts no more.
    expect(await end(changeBy(5), failure)).toBe('intended');
  });

  test('waits for a person alone where the configuration says so', async () => {
    await prepared.drop();
    prepared = await prepare({ stormBrake: { failures: 3, resume: 'hand' } });
    await storm();

    const states5 = [await end(changeBy(5), success), await end(changeBy(6), failure)];

    expect(states5).toEqual(['intended', 'held']);
  });

  test('is reported where the brake is off', async () => {
    await prepared.drop();
    prepared = await prepare({ stormBrake: { failures: 0, resume: 'success' } });

    expect(await storm()).toEqual(['intended', 'intended', 'intended', 'intended']);
  });

  test('keeps a bad vote that a person must confirm from being posted with the others', async () => {
    await prepared.drop();
    const project = {
      connection: 'review',
      project: '*',
      branches: ['*'],
      votes: 'confirm',
      pipelines: { check: [job] },
    };
    prepared = await prepare({ projects: [project] as unknown as Settings['projects'] });
    await storm();

    await resumeReports(prepared.rows.store, { job, by: 'ada', waiting: 'post' });

    expect(await states()).toEqual(['held', 'held', 'held', 'held']);
  });

  test('of a silent pipeline stops nothing', async () => {
    await prepared.drop();
    prepared = await prepare({ pipelines: [{ name: 'check', triggers: [], vote, priority: 0, isSilent: true }] });

    expect(await storm()).toEqual(['silent', 'silent', 'silent', 'silent']);
    expect(await prepared.rows.store.stoppedJobs()).toEqual([]);
  });
});

test('reports stopped by a person go on only by a person', async () => {
  const { store } = prepared.rows;
  await stopReports(store, { job, reason: 'new disks', by: 'ada' });
  const twice = stopReports(store, { job, reason: 'again', by: 'bob' });

  await expect(twice).rejects.toMatchObject({ code: 'not-found' });
  expect([await end(changeBy(1), failure), await end(changeBy(2), success)]).toEqual(['held', 'intended']);
  expect(await store.stoppedJobs()).toMatchObject([{ by: 'ada', reason: 'new disks', waiting: 1 }]);
});

test('who asks again while the result waits gets one comment: the newer', async () => {
  await stopReports(prepared.rows.store, { job, reason: 'new disks', by: 'ada' });
  await end(changeBy(1), failure);

  await end(changeBy(1), success);

  expect(await states()).toEqual(['dropped', 'intended']);
});

test('two buildsets that fail at once stop reports once', async () => {
  await end(changeBy(1), failure);
  await end(changeBy(2), failure);

  const both = await Promise.all([end(changeBy(3), failure), end(changeBy(4), failure)]);

  expect(both).toEqual(['held', 'held']);
});

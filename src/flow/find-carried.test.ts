import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startGerritChanges } from '../../test/flow/gerrit-changes.ts';
import type { GerritChanges } from '../../test/flow/gerrit-changes.ts';
import { anyJob } from '../../test/flow/cloud-flow.ts';
import { prepareTriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { TriggerFlow } from '../../test/flow/trigger-flow.ts';
import { carryOf } from '../domain/carry.ts';
import type { CarryWish } from '../domain/carry.ts';
import type { JobCarry } from '../domain/dependencies.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import { createDependencyResolver } from './resolve-dependencies.ts';

let gerrit: GerritChanges;
let ci: TriggerFlow;
beforeAll(async () => {
  gerrit = await startGerritChanges();
});
afterAll(() => gerrit.stop());
beforeEach(async () => {
  ci = await prepareTriggerFlow({}, gerrit.kit.url);
});
afterEach(() => ci.drop());

const stable = {
  connection: 'review',
  project: 'openstack/nova',
  branch: 'stable/2026.1',
  revision: 'a'.repeat(40),
  ref: 'refs/heads/stable/2026.1',
};
const wish = ({ number }: Pick<Patchset, 'number'>, more: Partial<CarryWish> = {}): CarryWish => ({
  connection: 'review',
  number,
  reason: 'Needed until it is merged',
  branches: undefined,
  ...more,
});
const push = (title: string, more: Partial<Parameters<GerritChanges['push']>[0]> = {}) =>
  gerrit.push({ title, ...more });

/** Queues a buildset of these jobs and looks up what it is tested with; `plain` carries nothing. */
async function resolve(tested: TestedRef, carry: readonly CarryWish[], jobs: readonly string[] = ['job']) {
  const settings = {
    ...ci.flow.settings,
    jobs: [
      { ...anyJob, carry },
      { ...anyJob, name: 'plain' },
    ],
  };
  const flow = { ...ci.flow, settings };
  const eventId = await ci.rows.addEvent();
  const order = { tested, pipeline: 'check', priority: 0, eventId, jobs, isOnce: false, carries: carry.length > 0 };
  await ci.rows.store.insertBuildset(order);
  await createDependencyResolver(flow)();
}

async function builds() {
  const { rows } = await ci.rows.database.pool.query<{ id: string; job: string; log_path: string; cause: object }>(
    `select id, job, state, result, error_code, cause, log_path from builds order by job`,
  );
  return rows;
}

/** What the build of `job` carries. */
async function carried(): Promise<JobCarry | undefined> {
  const [build] = await builds();
  return carryOf((await ci.rows.store.findBuild(build!.id))!.dependencies, 'job');
}

async function notices() {
  const { rows } = await ci.rows.database.pool.query<{ code: string; subject: string; text: string }>(
    `select code, subject, text from notices where closed_at is null`,
  );
  return rows;
}

test('the newest patchset of a carried change is applied to the job that names it, and to no other', async () => {
  await push('Fix');
  const fix = await push('Fix', { files: { fix: '2' } });
  const vif = await push('Vif fix', { project: 'openstack/os-vif' });

  await resolve(await push('Under'), [wish(fix), wish(vif)], ['job', 'plain']);

  const [job, plain] = await builds();
  const { dependencies } = (await ci.rows.store.findBuild(plain!.id))!;
  expect((await carried())?.changes.map(({ number, patchset, revision }) => [number, patchset, revision])).toEqual([
    [fix.number, 2, fix.revision],
    [vif.number, 1, vif.revision],
  ]);
  expect([carryOf(dependencies, 'plain'), await notices()]).toEqual([undefined, []]);
  expect(job).toMatchObject({ state: 'queued' });
});

test('one that is merged is dropped, and the operator is told once', async () => {
  const fix = await push('Merged fix', { files: { merged: '1' } });
  await gerrit.merge(fix);

  await resolve(await push('Under, first'), [wish(fix)]);
  await resolve(await push('Under, second'), [wish(fix)]);

  const why = `Carried change ${fix.number} on review is merged.`;
  expect(await carried()).toEqual({ job: 'job', changes: [], left: [why] });
  expect(await notices()).toEqual([
    {
      code: 'carry-over',
      subject: `carried change ${fix.number} on review in job`,
      text: `${why} It is not applied any more: remove it from the job job.`,
    },
  ]);
});

test('one that is abandoned is still applied and told, until it is restored', async () => {
  const fix = await push('Abandoned fix');
  await gerrit.act(fix, 'abandon');
  const under = await push('Under');

  await resolve(under, [wish(fix)]);
  const [of, told] = [await carried(), await notices()];
  await gerrit.act(fix, 'restore');
  await resolve(await push('Under it again'), [wish(fix)]);

  expect(of?.changes).toMatchObject([{ number: fix.number, isAbandoned: true, reason: 'Needed until it is merged' }]);
  expect(told).toEqual([expect.objectContaining({ code: 'carry-over' })]);
  expect(await notices()).toEqual([]);
});

test('the change under test, one it depends on and one it is based on are not applied twice', async () => {
  const needed = await push('Needed', { project: 'openstack/neutron' });
  const below = await push('Below');
  const under = await push('On top', { on: below, footers: [`Depends-On: ${needed.url}`] });

  await resolve(under, [wish(needed), wish(below), wish(under)]);

  expect(await carried()).toEqual({
    job: 'job',
    changes: [],
    left: [needed, below, under].map(({ number }) => `Carried change ${number} on review is among what is tested.`),
  });
});

test('one for another branch is left out without a word to the operator', async () => {
  const fix = await push('Fix of master', { project: 'openstack/os-vif' });

  await resolve(stable, [wish(fix)]);

  expect(await carried()).toMatchObject({
    changes: [],
    left: [`Carried change ${fix.number} on review is for the branch master.`],
  });
  expect(await notices()).toEqual([]);
});

test('one that names branches is applied to their tips too', async () => {
  const fix = await push('Fix of all branches', { project: 'openstack/os-vif' });

  await resolve(stable, [wish(fix, { branches: ['stable/*'] })]);

  expect((await carried())?.changes.map(({ number }) => number)).toEqual([fix.number]);
});

test('one that is not there ends the job that names it before it starts, without a vote and not for the patch', async () => {
  await resolve(await push('Under'), [wish({ number: 99_999 })], ['job', 'plain']);

  const [job, plain] = await builds();
  const reason = 'What the job job carries cannot be applied. There is no change 99999 on review.';
  expect(job).toMatchObject({ state: 'done', result: 'NODE_FAILURE', error_code: 'carry-unusable' });
  expect(job?.cause).toMatchObject({ kind: 'service', retry: false });
  expect(plain).toMatchObject({ state: 'queued' });
  expect((await ci.flow.archive.read(`${job!.log_path}job-output.txt`, 0, 1000)).toString()).toBe(`${reason}\n`);
  expect(await notices()).toEqual([{ code: 'carry-unusable', subject: 'job', text: reason }]);
});

test('one that is private ends the job too: its code would be published', async () => {
  const secret = await push('Secret', { options: '%private' });

  await resolve(await push('Under'), [wish(secret)]);

  const [job] = await builds();
  const [report] = await ci.rows.store.claimReports(ci.flow.self, 10);
  expect(job).toMatchObject({ result: 'NODE_FAILURE' });
  expect(report).toMatchObject({ vote: undefined });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { BranchEvent } from '../domain/event.ts';
import type { Pipeline, ProjectSettings } from '../domain/settings.ts';

const plain = { vote: undefined, priority: 0, isSilent: false };
const pipelines: readonly Pipeline[] = [
  { ...plain, name: 'merged', triggers: [{ event: 'ref-updated' }] },
  { ...plain, name: 'nightly', triggers: [{ event: 'periodic', times: '0 2 * * *' }] },
];
const nova = {
  connection: 'review',
  project: 'openstack/nova',
  branches: ['*'],
  pipelines: { merged: ['job'], nightly: ['job'] },
} as unknown as ProjectSettings;

let ci: TriggerFlow;
beforeAll(async () => {
  ci = await prepareTriggerFlow({ pipelines, projects: [nova] });
});
afterAll(() => ci.drop());

function tip(branch: string, digit: string) {
  return {
    connection: 'review',
    project: 'openstack/nova',
    branch,
    revision: digit.repeat(40),
    ref: `refs/heads/${branch}`,
  };
}

async function hear(type: BranchEvent['type'], of: ReturnType<typeof tip>) {
  const pipeline = type === 'periodic' ? 'nightly' : undefined;
  const id = await ci.hear({ type, tip: of, pipeline, createdAt: 1_700_000_000_000 });
  await ci.decide();
  return ci.decisionOn(id);
}

async function buildsOf(branch: string) {
  const { rows } = await ci.rows.database.pool.query<{ id: string; at: string; state: string; result: string | null }>(
    `select b.id, left(s.revision, 1) as at, b.state, b.result from builds b join buildsets s on s.id = b.buildset
     where s.branch = $1 order by s.created_at, b.attempt`,
    [branch],
  );
  return rows;
}

const shown = async (branch: string) =>
  (await buildsOf(branch)).map(({ at, result, state }) => `${at} ${result ?? state}`);

async function start(branch: string): Promise<void> {
  const [build] = (await buildsOf(branch)).filter(({ state }) => state === 'queued');
  const owner = await ci.rows.addProcess();
  await ci.rows.store.startBuilds([{ buildId: build!.id, owner, serverId: crypto.randomUUID(), slot: undefined }]);
}

test('a tip is run once, however often it is heard of', async () => {
  expect(await hear('ref-updated', tip('once', 'a'))).toEqual({
    decision: 'started',
    reason: 'New tip, once at aaaaaaa: merged runs job.',
  });
  expect(await hear('ref-updated', tip('once', 'a'))).toMatchObject({
    decision: 'ignored',
    reason: 'openstack/nova once at aaaaaaa is queued or running already, or has its result.',
  });
  expect(await shown('once')).toEqual(['a queued']);
});

test('a newer tip takes the place of one that is queued, and leaves alone one that runs', async () => {
  await hear('ref-updated', tip('busy', 'a'));
  await start('busy');
  await hear('ref-updated', tip('busy', 'b'));
  await hear('ref-updated', tip('busy', 'c'));

  expect(await shown('busy')).toEqual(['a running', 'b ABORTED', 'c queued']);
});

test('a build that waits for its next attempt has begun: a newer tip leaves it', async () => {
  await hear('ref-updated', tip('again', 'a'));
  const [first] = await buildsOf('again');
  await start('again');
  await ci.rows.database.pool.query(`update builds set state = 'done', result = 'NODE_FAILURE' where id = $1`, [
    first!.id,
  ]);
  await ci.rows.store.insertNextAttempt(first!.id, 0);

  await hear('ref-updated', tip('again', 'b'));

  expect(await shown('again')).toEqual(['a NODE_FAILURE', 'a queued', 'b queued']);
});

test('tips of other branches and pipelines are left alone', async () => {
  await hear('ref-updated', tip('one', 'a'));
  await hear('periodic', tip('one', 'b'));
  await hear('ref-updated', tip('two', 'c'));

  expect([await shown('one'), await shown('two')]).toEqual([['a queued', 'b queued'], ['c queued']]);
});

test('the time of a pipeline runs a commit again that has its result, not one that is queued', async () => {
  await hear('periodic', tip('timed', 'a'));
  expect((await hear('periodic', tip('timed', 'a'))).reason).toContain('is queued or running already.');
  await ci.rows.database.pool.query(
    `update buildsets set state = 'done' where branch = 'timed'; update builds set state = 'done', result = 'SUCCESS'
     where buildset in (select id from buildsets where branch = 'timed')`,
  );

  expect(await hear('periodic', tip('timed', 'a'))).toMatchObject({ decision: 'started' });
  expect(await shown('timed')).toEqual(['a SUCCESS', 'a queued']);
});

test('what is tested with a branch is known at once: nothing', async () => {
  await hear('ref-updated', tip('alone', 'a'));

  const queued = await ci.rows.store.queuedBuilds(100);
  const [build] = await buildsOf('alone');
  expect(queued.map(({ id }) => id)).toContain(build!.id);
  expect(await ci.rows.store.findBuild(build!.id)).toMatchObject({
    tested: tip('alone', 'a'),
    dependencies: { changes: [] },
    logPath: expect.stringMatching(/^aa\/a{40}\/merged\/job\/[0-9a-f]{7}\/$/),
  });
});

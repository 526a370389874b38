import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patchsetOf, prepareTriggerFlow, replay, startReplayServer } from '../../test/flow/trigger-flow.ts';
import type { ReplayServer, TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { Patchset } from '../domain/patchset.ts';
import { createDependencyResolver } from './resolve-dependencies.ts';

const neutron = { number: 7, revision: 'b'.repeat(40) };
const under = patchsetOf(1);

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let gerrit: ReplayServer;
let answer: Answer;
let ci: TriggerFlow;

beforeEach(async () => {
  gerrit = await startReplayServer((request, response) => answer(response, request));
  ci = await prepareTriggerFlow({}, gerrit.url);
  answer = gerritWith({});
});
afterEach(async () => {
  await ci.drop();
  await gerrit[Symbol.asyncDispose]();
});

/** A Gerrit where the change under test and neutron's have these messages. */
function gerritWith({ message = '', neutronMessage = '', status = 'NEW' }): Answer {
  return (response, { url = '' }) => {
    if (url.endsWith('/related')) return replay(response, { status: 200, body: { changes: [] } });
    if (url.endsWith('/commit')) return replay(response, { status: 200, body: { message } });
    if (url.startsWith(`/a/changes/${neutron.number}?`)) {
      const revision = { _number: 3, created: '2026-11-22 15:04:32.000000000', commit: { message: neutronMessage } };
      const body = {
        project: 'openstack/neutron',
        branch: 'master',
        change_id: 'I7',
        _number: neutron.number,
        subject: 'Agent',
        status,
        current_revision: neutron.revision,
        revisions: { [neutron.revision]: revision },
      };
      return replay(response, { status: 200, body });
    }
    replay(response, { status: 404, body: 'Not found\n' });
  };
}

const footer = (number: number) => `Title\n\nDepends-On: ${gerrit.url}/c/x/+/${number}\n`;
const resolve = async () => void (await createDependencyResolver(ci.flow)());
const queued = async () => (await ci.rows.store.queuedBuilds(10)).length;

async function insert(jobs: readonly string[] = ['job'], patchset: Patchset = under): Promise<void> {
  const eventId = await ci.rows.addEvent(patchset);
  await ci.rows.store.insertBuildset({
    tested: patchset,
    pipeline: 'check',
    priority: 0,
    eventId,
    jobs,
    isOnce: false,
  });
}

async function builds() {
  const { rows } = await ci.rows.database.pool.query<{
    id: string;
    state: string;
    result: string | null;
    reason: string | null;
    waiting: string | null;
    log_path: string;
  }>(`select id, state, result, reason, waiting_for as waiting, log_path from builds order by job`);
  return rows;
}

/** As if the pause were over. */
async function later(): Promise<void> {
  await ci.rows.database.pool.query(
    `update buildsets set dependencies_after = now() where dependencies_after is not null`,
  );
}

test('builds are admitted when it is known what they are tested together with, and know it', async () => {
  answer = gerritWith({ message: footer(neutron.number) });
  await insert();
  const before = await queued();

  await resolve();

  const [build] = await builds();
  const { dependencies } = (await ci.rows.store.findBuild(build!.id))!;
  expect([before, await queued()]).toEqual([0, 1]);
  expect(dependencies).toEqual({
    changes: [
      expect.objectContaining({
        project: 'openstack/neutron',
        patchset: 3,
        ref: 'refs/changes/07/7/3',
        isAbandoned: false,
      }),
    ],
    ancestors: [],
    ignored: [],
  });
});

test('a Gerrit that does not answer holds the builds up, says so, and fails nothing', async () => {
  answer = (response) => replay(response, { status: 503, body: 'busy' });
  await insert();
  for (let time = 0; time < 10; time += 1) {
    await resolve();
    await later();
  }
  const [waiting] = await builds();
  const [while503, notices] = [await queued(), await ci.notices()];
  answer = gerritWith({});

  await resolve();

  expect(waiting).toMatchObject({
    state: 'queued',
    waiting: expect.stringContaining('Gerrit, to tell what') as string,
  });
  expect([while503, notices]).toEqual([0, ['gerrit-busy dependencies on review']]);
  expect([await queued(), await ci.notices()]).toEqual([1, []]);
});

test('a pause is kept between two tries', async () => {
  answer = (response) => replay(response, { status: 503, body: 'busy' });
  await insert();

  await resolve();
  await resolve();

  expect(gerrit.requests).toHaveLength(1);
});

test('a change that is gone is tested without its dependencies in the end, and says so', async () => {
  answer = (response) => replay(response, { status: 404, body: 'Not found\n' });
  await insert();

  for (let time = 0; time < 7; time += 1) {
    await resolve();
    await later();
  }

  const { dependencies } = (await ci.rows.store.findBuild((await builds())[0]!.id))!;
  expect(await queued()).toBe(1);
  expect(dependencies.ignored).toEqual([expect.stringMatching(/^What the change depends on could not be read/)]);
});

test('a cycle ends all builds before they start, and its author is told once why', async () => {
  answer = gerritWith({ message: footer(neutron.number), neutronMessage: footer(under.number) });
  const known = answer;
  answer = (response, request) =>
    request.url?.startsWith(`/a/changes/${under.number}?`)
      ? replay(response, { status: 200, body: changeBody(under, footer(neutron.number)) })
      : known(response, request);
  await insert(['job', 'second']);

  await resolve();
  await later();
  await resolve();

  const ended = await builds();
  const [report, ...more] = await ci.rows.store.claimReports(ci.flow.self, 10);
  const reason = 'openstack/nova 1,1 → openstack/neutron 7,3 → openstack/nova 1,1.';
  expect(ended.map(({ state, result }) => `${state} ${result}`)).toEqual(['done ERROR', 'done ERROR']);
  expect(ended[0]?.reason).toContain(reason);
  expect(report).toMatchObject({ vote: undefined, message: expect.stringContaining(reason) as string });
  expect(report?.message).toMatch(/^Build failed \(check pipeline\)\.[^]*^- job \S+ : ERROR/m);
  expect(more).toEqual([]);
  const log = await ci.flow.archive.read(`${ended[0]!.log_path}job-output.txt`, 0, 1000);
  expect(log.toString()).toContain(reason);
});

function changeBody({ project, branch, number, revision }: Patchset, message: string) {
  const created = '2026-11-22 15:04:32.000000000';
  return {
    project,
    branch,
    change_id: 'I1',
    _number: number,
    subject: 'A subject',
    status: 'NEW',
    current_revision: revision,
    revisions: { [revision]: { _number: 1, created, commit: { message } } },
  };
}

test('while no build has started, what it depends on is looked up again, and not once one has', async () => {
  answer = gerritWith({ message: footer(neutron.number) });
  await insert(['job', 'second']);
  await resolve();
  answer = gerritWith({ message: footer(neutron.number), status: 'MERGED' });
  const [first] = await builds();
  const changesNow = async () => (await ci.rows.store.findBuild(first!.id))!.dependencies.changes.length;
  await resolve();
  const early = await changesNow();

  await later();
  await resolve();
  const merged = await changesNow();
  answer = gerritWith({ message: footer(neutron.number) });
  await ci.rows.database.pool.query(`update buildsets set dependencies_after = now()`);
  const owner = await ci.rows.addProcess();
  await ci.rows.store.startBuilds([{ buildId: first!.id, owner, serverId: owner, slot: undefined }]);
  await resolve();

  expect([early, merged, await changesNow()]).toEqual([1, 0, 0]);
  expect(await queued()).toBe(1);
});

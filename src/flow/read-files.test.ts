import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patchsetOf, prepareTriggerFlow, replay, startReplayServer } from '../../test/flow/trigger-flow.ts';
import type { ReplayServer, TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { ReviewEvent } from '../domain/event.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { FileRules, Pipeline, ProjectSettings } from '../domain/settings.ts';
import { readFiles } from './read-files.ts';

const check: Pipeline = {
  name: 'check',
  triggers: [{ event: 'patchset-created' }, { event: 'recheck', names: ['zvm'] }],
  vote: undefined,
  priority: 5,
  isSilent: false,
};

function projectWith(fileRules: FileRules | undefined): ProjectSettings {
  return {
    connection: 'review',
    project: 'openstack/nova',
    branches: ['master'],
    pipelines: { check: ['job'] },
    filter: { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: true, private: true },
    fileRules,
  } as unknown as ProjectSettings;
}

const rules: FileRules = {
  only: undefined,
  skip: ['docs', 'release-notes'],
  urgent: { files: ['nova/virt/zvm/**'], raise: 100 },
};

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const touches =
  (...files: readonly string[]): Answer =>
  (response) =>
    replay(response, { status: 200, body: Object.fromEntries(['/COMMIT_MSG', ...files].map((file) => [file, {}])) });
const refuses =
  (status: number): Answer =>
  (response) =>
    replay(response, { status, body: 'no' });

let gerrit: ReplayServer;
let answer: Answer;
let ci: TriggerFlow;

beforeEach(async () => {
  answer = refuses(500);
  gerrit = await startReplayServer((request, response) => answer(response, request));
  ci = await prepareTriggerFlow({ pipelines: [check], projects: [projectWith(rules)] }, gerrit.url);
});
afterEach(async () => {
  await ci.drop();
  await gerrit[Symbol.asyncDispose]();
});

function created(patchset: Patchset): ReviewEvent {
  return { type: 'patchset-created', patchset, createdAt: 1 };
}

function commented(patchset: Patchset, text: string): ReviewEvent {
  const author = { username: 'bob', name: 'Bob' };
  return { type: 'comment-added', patchset, author, texts: [text], messageId: undefined, createdAt: 1 };
}

/** As the loops do it. */
async function decideWithFiles(): Promise<void> {
  await ci.decide();
  await readFiles(ci.flow);
  await ci.decide();
}

/** As if the pause were over. */
async function later(): Promise<void> {
  await ci.rows.database.pool.query(`update events set files_after = now()`);
}

test('a patchset of documentation only is not run, and the reason says so', async () => {
  answer = touches('doc/source/index.rst', 'releasenotes/notes/x.yaml');
  const event = await ci.hear(created(patchsetOf(1)));

  await decideWithFiles();

  expect(await ci.decisionOn(event)).toEqual({
    decision: 'ignored',
    reason: expect.stringContaining('it touches only what needs no test here: docs, release-notes.') as string,
  });
  expect(gerrit.requests).toEqual([`GET /a/changes/openstack%2Fnova~1/revisions/${'a'.repeat(40)}/files`]);
});

test('a patchset that touches urgent files goes first', async () => {
  answer = touches('nova/virt/zvm/driver.py', 'doc/source/index.rst');
  await ci.hear(created(patchsetOf(1)));
  await decideWithFiles();
  answer = touches('nova/api/x.py');
  await ci.hear(created(patchsetOf(2)));
  await decideWithFiles();

  expect(await ci.buildsets(patchsetOf(1))).toEqual([{ state: 'open', priority: 105 }]);
  expect(await ci.buildsets(patchsetOf(2))).toEqual([{ state: 'open', priority: 5 }]);
});

test('a file that was documentation before it was renamed is no documentation', async () => {
  answer = (response) =>
    replay(response, { status: 200, body: { 'doc/driver.rst': { status: 'R', old_path: 'nova/virt/zvm/driver.py' } } });
  await ci.hear(created(patchsetOf(1)));

  await decideWithFiles();

  expect(await ci.buildsets(patchsetOf(1))).toEqual([{ state: 'open', priority: 105 }]);
});

test('a merge is run: Gerrit does not list what it brings', async () => {
  answer = touches('/MERGE_LIST', 'doc/source/index.rst');
  await ci.hear(created(patchsetOf(1)));

  await decideWithFiles();

  expect(await ci.buildsets(patchsetOf(1))).toHaveLength(1);
});

test('Gerrit is not asked where no rule needs files, or nothing would run', async () => {
  const free = await prepareTriggerFlow({ pipelines: [check], projects: [projectWith(undefined)] }, gerrit.url);
  await free.hear(created(patchsetOf(1)));
  await free.decide();
  await readFiles(free.flow);
  expect(await free.buildsets(patchsetOf(1))).toHaveLength(1);
  await free.drop();

  await ci.hear(commented(patchsetOf(1), 'looks good'));
  await ci.hear({ type: 'change-merged', change: patchsetOf(1), createdAt: 1 });
  await ci.hear(created({ ...patchsetOf(2), project: 'openstack/cinder' }));
  await decideWithFiles();

  expect(gerrit.requests).toEqual([]);
});

test('while Gerrit fails the event waits, however often, with a reason and a notice; then it is decided', async () => {
  const event = await ci.hear(created(patchsetOf(1)));
  await ci.decide();
  for (let tries = 0; tries < 12; tries++) {
    await later();
    await readFiles(ci.flow);
    await ci.decide();
  }
  expect(await ci.decisionOn(event)).toEqual({
    decision: null,
    reason: expect.stringContaining('Waits until Gerrit tells its files: ') as string,
  });
  expect(await ci.notices()).toEqual(['gerrit-busy files on review']);

  answer = touches('nova/virt/zvm/driver.py');
  await later();
  await readFiles(ci.flow);
  await ci.decide();

  expect((await ci.decisionOn(event)).decision).toBe('started');
  expect(await ci.notices()).toEqual([]);
});

test.each([
  ['refused credentials', refuses(401), false],
  ['a change that is gone', refuses(404), true],
  ['an answer that is none', (response: ServerResponse) => void response.end('<html>'), true],
  ['a dropped connection', (response: ServerResponse) => void response.destroy(), false],
])('%s for long: the patchset is never skipped, run without its files: %4$s', async (_name, how, runs) => {
  answer = how;
  await ci.hear(created(patchsetOf(1)));
  await ci.decide();
  for (let tries = 0; tries < 7; tries++) {
    expect(await ci.buildsets(patchsetOf(1))).toEqual([]);
    await later();
    await readFiles(ci.flow);
    await ci.decide();
  }

  expect(await ci.buildsets(patchsetOf(1))).toHaveLength(runs ? 1 : 0);
});

test('the pause grows: Gerrit is not asked again at once', async () => {
  await ci.hear(created(patchsetOf(1)));
  await ci.decide();

  await readFiles(ci.flow);
  await readFiles(ci.flow);

  expect(gerrit.requests).toHaveLength(1);
});

test('an event that waits holds up later ones of its change, so that they keep their order, and none of others', async () => {
  const [waits, other] = [patchsetOf(1), patchsetOf(2)];
  await ci.hear(created(waits));
  const abandoned = await ci.hear({ type: 'change-abandoned', change: waits, createdAt: 2 });
  const merged = await ci.hear({ type: 'change-merged', change: other, createdAt: 2 });
  await ci.decide();
  await readFiles(ci.flow);
  await ci.decide();
  expect((await ci.decisionOn(abandoned)).decision).toBeNull();
  expect((await ci.decisionOn(merged)).decision).toBe('ignored');

  answer = touches('setup.cfg');
  await later();
  await readFiles(ci.flow);
  await ci.decide();

  expect(await ci.buildsets(waits)).toEqual([{ state: 'cancelled', priority: 5 }]);
  expect((await ci.decisionOn(abandoned)).decision).toBe('aborted');
});

test('more events that wait than a batch holds do not starve the others', async () => {
  for (let number = 100; number < 210; number++) await ci.hear(created(patchsetOf(number)));
  const last = await ci.hear({ type: 'change-merged', change: patchsetOf(999), createdAt: 2 });

  await ci.decide();
  await ci.decide();

  expect((await ci.decisionOn(last)).decision).toBe('ignored');
});

test('a new patchset ends the builds of older ones while its files are awaited', async () => {
  await ci.hear(created(patchsetOf(1)), 'manual');
  await ci.decide();

  await ci.hear(created(patchsetOf(1, 2)));
  await ci.decide();

  expect((await ci.buildsets(patchsetOf(1)))[0]?.state).toBe('cancelled');
});

test('what a process that died wanted to read is read by another one, once the claim ran out', async () => {
  answer = touches('setup.cfg');
  await ci.hear(created(patchsetOf(1)));
  await ci.decide();
  await ci.rows.store.claimFileReads(10);

  await readFiles(ci.flow);
  expect(gerrit.requests).toEqual([]);
  await later();
  await readFiles(ci.flow);
  await ci.decide();

  expect(await ci.buildsets(patchsetOf(1))).toHaveLength(1);
});

test.each([
  ['recheck', false],
  ['recheck zvm', true],
  ['run-Example z/VM CI', true],
])('%j on documentation only runs: %s', async (text, runs) => {
  answer = touches('doc/source/index.rst');
  await ci.hear(commented(patchsetOf(1), text));

  await decideWithFiles();

  expect(await ci.buildsets(patchsetOf(1))).toHaveLength(runs ? 1 : 0);
});

test('what the operator asks for is run whatever it touches, without asking Gerrit', async () => {
  await ci.hear(created(patchsetOf(1)), 'manual');

  await ci.decide();

  expect(await ci.buildsets(patchsetOf(1))).toHaveLength(1);
  expect(gerrit.requests).toEqual([]);
});

test('an event of a Gerrit that is configured no longer waits for nothing', async () => {
  const event = await ci.hear(created(patchsetOf(1)));
  await ci.decide();
  const without = { ...ci.flow, reviews: new Map(), settings: { ...ci.flow.settings, projects: [] } };

  await readFiles(without);
  await ci.decide();

  expect((await ci.decisionOn(event)).decision).not.toBeNull();
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyJob, labelIn, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import { causeRules, isInfra } from '../domain/cause.ts';
import type { NamedCause, Verdict } from '../domain/verdict.ts';
import { concludeBuild } from './conclude-build.ts';

const failure: Verdict = {
  result: 'FAILURE',
  reason: '1 of 4 tests failed.',
  errorCode: undefined,
  tests: undefined,
  failedTests: [],
};

let prepared: CloudFlow;
beforeEach(async () => {
  prepared = await prepareCloudFlow({ settings: { labels: [labelIn(['ci'], { max: 2 })], jobs: [anyJob] } });
});
afterEach(() => prepared.drop());

test('two builds of a label of two fail and two people wish their servers: one is left to the next builds', async () => {
  const { rows, flow } = prepared;
  const wish = { build: undefined, project: undefined, changeNumber: undefined, job: undefined };
  for (const requestedBy of ['ann', 'bob'])
    await rows.store.insertHold({ ...wish, reason: 'why', requestedBy, sshKey: 'k', ttl: 60_000, patience: 60_000 });
  const running = [await rows.addRunning(), await rows.addRunning()];
  for (const { server } of running) await rows.store.saveServerReady(server, '192.0.2.1', []);

  for (const { lease } of running) await concludeBuild(flow, lease, failure);

  const states = await Promise.all(running.map(async ({ server }) => (await rows.store.findServer(server))?.state));
  expect(states).toEqual(['held', 'deleting']);
});

test('a merge conflict is told to the operator and never to Gerrit, and its server is kept for nobody', async () => {
  const { rows, flow } = prepared;
  const wish = { build: undefined, project: undefined, changeNumber: undefined, job: undefined };
  await rows.store.insertHold({
    ...wish,
    reason: 'why',
    requestedBy: 'ann',
    sshKey: 'k',
    ttl: 60_000,
    patience: 60_000,
  });
  const { lease, server } = await rows.addRunning();
  await rows.store.saveServerReady(server, '192.0.2.1', []);

  await concludeBuild(flow, lease, { ...failure, result: 'MERGE_CONFLICT', errorCode: 'merge-conflict' });

  const build = await rows.store.findBuild(lease.buildId);
  expect(build?.verdict?.result).toBe('MERGE_CONFLICT');
  expect(await prepared.notices()).toEqual(['merge-conflict openstack/nova']);
  expect(await rows.store.claimReports(flow.self, 10)).toEqual([]);
  expect((await rows.store.findServer(server))?.state).toBe('deleting');
  const { lease: next } = await rows.addRunning();
  await concludeBuild(flow, next, failure);
  expect(await prepared.notices()).toEqual([]);
});

test.each<[string, { kind: NamedCause['kind']; retry: boolean; builds: number; notices: readonly string[] }]>([
  [
    'infrastructure is tried again, and told',
    { kind: 'mirror', retry: true, builds: 2, notices: ['known-trouble job'] },
  ],
  [
    'infrastructure that no attempt mends',
    { kind: 'backend', retry: false, builds: 1, notices: ['known-trouble job'] },
  ],
  ['flaky tests, where their signature says so', { kind: 'flaky', retry: true, builds: 2, notices: [] }],
  ['devstack', { kind: 'devstack', retry: false, builds: 1, notices: [] }],
])('there is another attempt and a notice as the cause has it: %s', async (_, { builds, kind, notices, retry }) => {
  const { flow, rows } = prepared;
  const { lease } = await rows.addRunning();
  const lines = [{ log: 'a.txt', line: 3, text: 'one' }];
  const cause: NamedCause = { kind, retry, otherwise: 'patch', signature: undefined, lines };
  const { result } = causeRules[kind];
  const code = isInfra(kind) ? 'known-trouble' : undefined;

  await concludeBuild(flow, lease, { ...failure, result, errorCode: code, cause });

  const { rows: all } = await rows.database.pool.query(`select from builds`);
  expect(all).toHaveLength(builds);
  expect(await prepared.notices()).toEqual(notices);
  expect((await rows.store.findBuild(lease.buildId))?.verdict?.cause).toEqual(cause);
});

test('nothing that is to be hidden is kept in the lines that show a cause', async () => {
  const { flow, rows } = prepared;
  const { lease } = await rows.addRunning();
  const lines = [{ log: undefined, line: undefined, text: 'login with password=open-sesame-1 failed' }];
  const cause: NamedCause = { kind: 'cloud', retry: false, otherwise: 'cloud', signature: undefined, lines };

  await concludeBuild(flow, lease, { ...failure, result: 'NODE_FAILURE', errorCode: 'cloud-auth', cause });

  const saved = JSON.stringify((await rows.store.findBuild(lease.buildId))?.verdict?.cause);
  expect(saved).toContain('login with password=');
  expect(saved).not.toContain('open-sesame');
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Patchset } from '../src/domain/patchset.ts';
import { mergeConflictStatus } from '../src/domain/verdict.ts';
import { startGerritChanges } from './flow/gerrit-changes.ts';
import type { ChangeWish, GerritChanges } from './flow/gerrit-changes.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../jobs/shared/fetch.sh');

let gerrit: GerritChanges;
let workspace: string;

beforeAll(async () => {
  gerrit = await startGerritChanges();
  workspace = await mkdtemp(join(tmpdir(), 'fetch-script-'));
});
afterAll(async () => {
  await gerrit.stop();
  await rm(workspace, { recursive: true, force: true });
});

/** What sidegate tells a job about the last of these, which is tested together with the others. */
function environmentOf(changes: readonly Patchset[]): Record<string, string> {
  const { project, branch, ref, revision } = changes.at(-1)!;
  const url = gerrit.kit.url;
  const lines = changes.map((one) => [one.connection, one.project, one.branch, one.ref, one.revision, url].join('\t'));
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: workspace,
    SIDEGATE_WORKSPACE: workspace,
    SIDEGATE_PROJECT: project,
    SIDEGATE_BRANCH: branch,
    SIDEGATE_REF: ref,
    SIDEGATE_REVISION: revision,
    SIDEGATE_FETCH_URL: url,
    SIDEGATE_CHANGES: lines.join('\n'),
    SIDEGATE_IGNORED_DEPENDENCIES: 'Depends-On: x is not followed: it names no change.',
    SIDEGATE_MERGE_CONFLICT: String(mergeConflictStatus),
  };
}

const fetchAll = (...changes: readonly Patchset[]) => fetchWith(environmentOf(changes));

async function fetchWith(env: Record<string, string>): Promise<{ status: number; output: string }> {
  try {
    const parts = ['-eu', '-o', 'pipefail', script];
    const { stdout, stderr } = await run('bash', parts, { cwd: workspace, env });
    return { status: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout + stderr };
  }
}

const push = (title: string, wish: Omit<ChangeWish, 'title'> = {}) => gerrit.push({ title, ...wish });
const headOf = async (folder: string) =>
  (await run('git', ['rev-parse', 'HEAD'], { cwd: join(workspace, folder) })).stdout.trim();
const content = (path: string) => readFile(join(workspace, path), 'utf8');

test('a change on the head of its branch is tested as it is', async () => {
  const pushed = await push('Alone', { files: { alone: '1' } });

  const { status, output } = await fetchAll(pushed);

  expect([status, await headOf('source'), await content('source/alone')]).toEqual([0, pushed.revision, '1']);
  expect(output).toContain('Depends-On: x is not followed');
  expect(output).toMatch(new RegExp(`^Tested is ${pushed.revision}: master and$\n^  ${pushed.revision} Alone$`, 'm'));
});

test('changes of two projects are merged into their branches, and the log proves each commit', async () => {
  const first = await push('First', { files: { first: '1' } });
  const neutron = await push('Neutron', { project: 'openstack/neutron', files: { agent: '1' } });
  const under = await push('Under test', { files: { second: '2' } });

  const { status, output } = await fetchAll(first, neutron, under);

  expect([status, await headOf('dependencies/review/openstack/neutron')]).toEqual([0, neutron.revision]);
  expect([await content('source/first'), await content('source/second')]).toEqual(['1', '2']);
  for (const { ref, revision } of [first, neutron, under])
    expect(output).toContain(`Merged ${ref}, commit ${revision}`);
  for (const { revision } of [first, under]) expect(output).toMatch(new RegExp(`^  ${revision} `, 'm'));
});

test('a second run ends with the same, whatever the first one left', async () => {
  const first = await push('Again first', { files: { again: '1' } });
  const under = await push('Again', { files: { more: '2' } });
  await fetchAll(first, under);
  await run('bash', ['-c', 'echo dirt >source/again; touch source/.git/index.lock'], { cwd: workspace });

  const { status } = await fetchAll(first, under);

  expect([status, await content('source/again')]).toEqual([0, '1']);
});

test('a change that does not merge ends with the status that means it, and the log names commit and file', async () => {
  const first = await push('One way', { files: { contested: 'one\n' } });
  const under = await push('Another way', { files: { contested: 'another\n' } });

  const { status, output } = await fetchAll(first, under);

  expect(status).toBe(mergeConflictStatus);
  expect(output).toContain(`MERGE CONFLICT: ${under.ref}, commit ${under.revision}`);
  expect(output).toMatch(/^contested$/m);
});

test('a ref that is another commit is no merge conflict', async () => {
  const pushed = await push('Replaced');

  const { status, output } = await fetchAll({ ...pushed, revision: '0'.repeat(40) });

  expect([status, output]).toEqual([1, expect.stringContaining('it was replaced meanwhile')]);
});

test('a branch is tested at the commit that was told, though it has gone on', async () => {
  const first = await push('Merged first', { files: { merged: '1' } });
  await gerrit.merge(first);
  const second = await push('Merged second', { files: { merged: '2' } });
  await gerrit.merge(second);
  const tip = { ...environmentOf([first]), SIDEGATE_CHANGES: '', SIDEGATE_REF: 'refs/heads/master' };

  const { status, output } = await fetchWith(tip);
  const merged = await content('source/merged');
  const gone = await fetchWith({ ...tip, SIDEGATE_REVISION: 'ab'.repeat(20) });

  expect([status, merged]).toEqual([0, '1']);
  expect(output).toContain(`Tested is ${first.revision} of master`);
  expect(gone).toEqual({ status: 1, output: expect.stringContaining('is not on master any more') });
});

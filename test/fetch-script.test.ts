import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Patchset } from '../src/domain/patchset.ts';
import { carryConflictStatus, mergeConflictStatus } from '../src/domain/verdict.ts';
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

const linesOf = (changes: readonly Patchset[]) =>
  changes
    .map((one) => [one.connection, one.project, one.branch, one.ref, one.revision, gerrit.kit.url].join('\t'))
    .join('\n');

/** What sidegate tells a job about the last of these, which is tested together with the others. */
function environmentOf(changes: readonly Patchset[]): Record<string, string> {
  const { project, branch, ref, revision } = changes.at(-1)!;
  const url = gerrit.kit.url;
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: workspace,
    SIDEGATE_WORKSPACE: workspace,
    SIDEGATE_PROJECT: project,
    SIDEGATE_BRANCH: branch,
    SIDEGATE_REF: ref,
    SIDEGATE_REVISION: revision,
    SIDEGATE_FETCH_URL: url,
    SIDEGATE_CHANGES: linesOf(changes),
    SIDEGATE_IGNORED_DEPENDENCIES: 'Depends-On: x is not followed: it names no change.',
    SIDEGATE_MERGE_CONFLICT: String(mergeConflictStatus),
    SIDEGATE_CARRY_CONFLICT: String(carryConflictStatus),
    SIDEGATE_ARTIFACTS: join(workspace, 'artifacts'),
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
const checkedOut = async () =>
  (await content('artifacts/zuul-info/checked-out.txt'))
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
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

test('what was checked out is written down, each commit with the one its project is on', async () => {
  const neutron = await push('Proved neutron', { project: 'openstack/neutron', files: { proved: '1' } });
  const first = await push('Proved first', { files: { proved: '1' } });
  const under = await push('Proved', { files: { proving: '2' } });

  await fetchAll(neutron, first, under);

  const head = await headOf('source');
  expect(await checkedOut()).toEqual([
    [
      'dependencies/review/openstack/neutron',
      neutron.project,
      'master',
      neutron.revision,
      neutron.revision,
      'contained',
    ],
    ['source', under.project, 'master', head, first.revision, 'contained'],
    ['source', under.project, 'master', head, under.revision, 'contained'],
  ]);
});

test('of what a clone in the image has nothing is fetched', async () => {
  const pushed = await push('Cached', { files: { cached: 'only here' } });
  const cache = join(workspace, 'cache/openstack/nova');
  await run('git', ['clone', '--quiet', '--bare', `${gerrit.kit.url}/openstack/nova`, cache]);

  const { status } = await fetchWith({ ...environmentOf([pushed]), GIT_CACHE: join(workspace, 'cache') });

  const has = await run('git', ['count-objects', '-v'], { cwd: join(workspace, 'source') });
  const whole = await run('git', ['rev-list', '--count', '--objects', 'HEAD'], { cwd: join(workspace, 'source') });
  const own = (text: string) => /(?:count|in-pack): (\d+)/g[Symbol.matchAll](text);
  const objects = [...own(has.stdout)].reduce((sum, [, count]) => sum + Number(count), 0);
  expect([status, await content('source/cached')]).toEqual([0, 'only here']);
  expect(has.stdout).toContain(`alternate: ${cache}/objects`);
  // The change itself: a commit, a tree, a file.
  expect(objects).toBe(3);
  expect(Number(whole.stdout)).toBeGreaterThan(3);
});

test('a clone in the image that is shallow is left alone: it promises what it has not', async () => {
  const below = await push('Below a shallow clone', { files: { shallow: '1' } });
  await gerrit.merge(below);
  const pushed = await push('Beside a shallow clone', { files: { beside: '1' } });
  const cache = join(workspace, 'shallow/openstack/nova.git');
  await run('git', ['clone', '--quiet', '--bare', '--depth=1', `${gerrit.kit.url}/openstack/nova`, cache]);

  const { status } = await fetchWith({ ...environmentOf([pushed]), GIT_CACHE: join(workspace, 'shallow') });

  const whole = await run('git', ['log', '--format=%H'], { cwd: join(workspace, 'source') });
  expect([status, whole.stdout]).toEqual([0, expect.stringContaining(below.revision)]);
});

describe('carried changes', () => {
  const carrying = (carried: readonly Patchset[], ...changes: readonly Patchset[]) =>
    fetchWith({ ...environmentOf(changes), SIDEGATE_CARRIED_CHANGES: linesOf(carried) });

  test('are merged on top of the change under test, in its project and in others', async () => {
    const fix = await push('A fix', { files: { fix: '1' } });
    const agent = await push('A fix of the agent', { project: 'openstack/neutron', files: { fix: '2' } });
    const under = await push('With fixes', { files: { under: '3' } });

    const { status, output } = await carrying([fix, agent], under);

    const head = await headOf('source');
    expect([status, head === under.revision, await content('source/fix'), await content('source/under')]).toEqual([
      0,
      false,
      '1',
      '3',
    ]);
    expect(await content('dependencies/review/openstack/neutron/fix')).toBe('2');
    for (const { ref, revision } of [fix, agent, under]) expect(output).toContain(`Merged ${ref}, commit ${revision}`);
    expect((await checkedOut()).map(([folder, , , , revision, state]) => [folder, revision, state])).toEqual([
      ['source', under.revision, 'contained'],
      ['source', fix.revision, 'contained'],
      ['dependencies/review/openstack/neutron', agent.revision, 'contained'],
    ]);
  });

  test('that do not merge end with a status of their own, which is not that of a change that does not merge', async () => {
    const fix = await push('A fix in the way', { files: { fought: 'one\n' } });
    const under = await push('In the way of a fix', { files: { fought: 'another\n' } });

    const { status, output } = await carrying([fix], under);

    expect(status).toBe(carryConflictStatus);
    expect(output).toContain(`CARRIED CHANGE: ${fix.ref}, commit ${fix.revision}, does not merge`);
    expect(output).toMatch(/^fought$/m);
    expect(output).not.toContain('MERGE CONFLICT');
  });

  test('do not take the blame for a change that does not merge without them', async () => {
    const fix = await push('A harmless fix', { files: { harmless: '1' } });
    const first = await push('Merges first', { files: { disputed: 'one\n' } });
    const under = await push('Does not merge', { files: { disputed: 'another\n' } });

    const { status } = await carrying([fix], first, under);

    expect(status).toBe(mergeConflictStatus);
  });

  test('are merged on top of the tip of a branch too', async () => {
    const tip = await push('A tip', { files: { tip: '1' } });
    await gerrit.merge(tip);
    const fix = await push('A fix of the tip', { files: { onTip: '2' } });
    const environment = { ...environmentOf([tip]), SIDEGATE_CHANGES: '', SIDEGATE_REF: 'refs/heads/master' };

    const { status, output } = await fetchWith({ ...environment, SIDEGATE_CARRIED_CHANGES: linesOf([fix]) });

    expect([status, await content('source/tip'), await content('source/onTip')]).toEqual([0, '1', '2']);
    expect(output).toContain(`Tested is ${tip.revision} of master`);
    expect((await checkedOut()).map(([, , , , revision, state]) => [revision, state])).toEqual([
      [tip.revision, 'contained'],
      [fix.revision, 'contained'],
    ]);
  });
});

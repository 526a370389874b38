import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createSubunitParser } from '../../src/domain/subunit/parser.ts';
import { countTests, failedTestNames } from '../../src/domain/subunit/summary.ts';
import type { TestResults } from '../../src/domain/test-result.ts';
import { call, createGuests, output, start, stopAll } from './test-client.ts';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const jobs = fileURLToPath(new URL('../../jobs/', import.meta.url));
const folders: string[] = [];

afterEach(async () => {
  await stopAll();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sidegate-example-'));
  folders.push(folder);
  return folder;
}

/** The example driver as a Git repository, with a change on top where one is named. */
async function driverRepository(patch?: string): Promise<{ parent: string; revision: string }> {
  const parent = await newFolder();
  const folder = join(parent, 'example', 'zvm-driver');
  const git = (...parameters: string[]) =>
    run(
      'git',
      ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false', ...parameters],
      { cwd: folder },
    );
  await cp(join(examples, 'zvm-driver'), folder, { recursive: true });
  await git('init', '--quiet', '--initial-branch', 'master');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Base');
  if (patch !== undefined) await git('am', '--quiet', join(examples, 'changes', patch));
  await git('update-ref', 'refs/changes/01/1/1', 'HEAD');
  return { parent, revision: (await git('rev-parse', 'HEAD')).stdout.trim() };
}

function changeIn(url: string, revision: string): Record<string, string> {
  const [project, branch, ref] = ['example/zvm-driver', 'master', 'refs/changes/01/1/1'];
  return {
    SIDEGATE_FETCH_URL: url,
    SIDEGATE_PROJECT: project,
    SIDEGATE_BRANCH: branch,
    SIDEGATE_REF: ref,
    SIDEGATE_REVISION: revision,
    SIDEGATE_CHANGES: ['review', project, branch, ref, revision, url].join('\t'),
    SIDEGATE_MERGE_CONFLICT: '93',
  };
}

interface JobRun {
  readonly status: number;
  readonly console: string;
}

/** Runs one phase of the job as a test server does. */
async function phase(script: string, workspace: string, environment: Record<string, string>): Promise<JobRun> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: workspace,
    SIDEGATE_WORKSPACE: workspace,
    SIDEGATE_ARTIFACTS: join(workspace, 'artifacts'),
    ...environment,
  };
  try {
    const { stdout, stderr } = await run('bash', ['-eu', '-o', 'pipefail', join(jobs, script)], {
      cwd: workspace,
      env,
    });
    return { status: 0, console: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, console: stdout + stderr };
  }
}

async function job(url: string, prefix: string, patch?: string): Promise<JobRun & { results: TestResults }> {
  const workspace = await newFolder();
  const { parent, revision } = await driverRepository(patch);
  const change = changeIn(parent, revision);
  const environment = { ...change, SIDEGATE_FEILONG_URL: url, SIDEGATE_PREFIX: prefix };
  const fetched = await phase('shared/fetch.sh', workspace, environment);
  expect(fetched).toMatchObject({ status: 0, console: expect.stringContaining(`Tested is ${revision}`) as string });

  const tested = await phase('example-zvm-driver/test.sh', workspace, environment);
  const parser = createSubunitParser();
  parser.push(await readFile(join(workspace, 'artifacts', 'testrepository.subunit')));
  return { ...tested, results: parser.end() };
}

async function guestsLeft(url: string): Promise<unknown> {
  return output(await call(url, 'GET /guests'));
}

describe('the job of the example driver', () => {
  it('passes without a change and with the good one, side by side on one z/VM, and leaves nothing behind', async () => {
    const url = await start();

    const [base, good] = await Promise.all([job(url, 'ZA0'), job(url, 'ZB0', '0001-good.patch')]);

    expect([base.status, good.status]).toEqual([0, 0]);
    expect(countTests(base.results)).toEqual({ passed: 10, failed: 0, skipped: 1 });
    expect(countTests(good.results)).toEqual({ passed: 11, failed: 0, skipped: 1 });
    expect([base.results.intact, good.results.intact]).toEqual([true, true]);
    expect(good.console).toMatch(
      /\{0\} example_driver\.tests\.test_servers\.ServersTest\.test_create_server \[\d+\.\d+s\] \.\.\. ok/,
    );
    expect(await guestsLeft(url)).toEqual([]);
  });

  it('fails with the broken change, says why, and leaves nothing behind', async () => {
    const url = await start();

    const broken = await job(url, 'ZA0', '0002-broken.patch');

    const reasons = broken.results.tests.filter((test) => test.outcome === 'failed').map((test) => test.details);
    expect(broken.status).toBe(1);
    expect(failedTestNames(broken.results, 9).map((name) => name.replace(/^.*\.|\[.*$/g, ''))).toEqual([
      'test_reboot_server_soft',
      'test_pause_unpause_server',
      'test_create_server',
    ]);
    expect(reasons.at(-1)).toContain('ZA000007 was created and does not run');
    expect(await guestsLeft(url)).toEqual([]);
  });

  it('does not delete a guest of somebody else that has the name it wanted', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');

    const collided = await job(url, 'ZA0');

    expect(collided.status).toBe(1);
    expect(await guestsLeft(url)).toEqual(['ZA000001']);
  });

  it('does not test another commit than the one it was asked for', async () => {
    const workspace = await newFolder();
    const { parent } = await driverRepository();

    const fetched = await phase('shared/fetch.sh', workspace, changeIn(parent, '0'.repeat(40)));

    expect(fetched).toMatchObject({
      status: 1,
      console: expect.stringContaining('it was replaced meanwhile') as string,
    });
  });
});

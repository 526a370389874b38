import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingText, summarizeMissing } from '../../src/domain/results/missing-summary.ts';
import { createProgressReader } from '../../src/domain/test-progress.ts';
import { TestArtifacts } from '../../src/flow/test-artifacts.ts';
import { pythonEnvironment } from '../python-environment.ts';

// The shipped phases `tempest` and `collect`, unchanged, with a real tempest and stestr; only the tests themselves are our own.

const run = promisify(execFile);
const requirements = join(import.meta.dirname, 'tempest-requirements.txt');
const scripts = join(import.meta.dirname, '../../jobs/zvm-devstack-tempest');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-again-'));
  await mkdir(join(folder, 'state'));
  await cp(join(import.meta.dirname, 'flaky-project'), join(folder, 'tempest'), { recursive: true });
  // One class goes to one worker, as tempest has it.
  const stestr = '[DEFAULT]\ntest_path=./flaky_project\ntop_dir=./\ngroup_regex=([^\\.]*\\.)*\n';
  await writeFile(join(folder, 'tempest/.stestr.conf'), stestr);
  const python = join(await pythonEnvironment('tempest', requirements), 'bin');
  await mkdir(join(folder, 'bin'));
  // A kept environment lies elsewhere than where it was made, so its programs do not find their Python.
  for (const name of ['tempest', 'stestr'])
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\nexec ${python}/python ${python}/${name} "$@"\n`, {
      mode: 0o755,
    });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function phase(
  name: string,
  environment: Record<string, string> = {},
): Promise<{ status: number; console: string }> {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    STATE: join(folder, 'state'),
    SIDEGATE_ARTIFACTS: join(folder, 'artifacts'),
    STACK_FOLDER: join(folder, 'none'),
    TEMPEST_INCLUDE: '^flaky_project',
    ...environment,
  };
  const arguments_ = ['-eu', '-o', 'pipefail', join(scripts, `${name}.sh`)];
  try {
    const { stdout, stderr } = await run('bash', arguments_, { cwd: folder, env });
    return { status: 0, console: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, console: stdout + stderr };
  }
}

async function readArtifacts(): Promise<TestArtifacts> {
  const found = new TestArtifacts({
    testResults: 'testrepository.subunit',
    testResultsAgain: 'testrepository-again.subunit',
    testSelection: 'selection.txt',
  });
  const artifacts = join(folder, 'artifacts');
  const entries = await readdir(artifacts, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isFile()))
    await found.take(name, await readFile(join(artifacts, name)));
  return found;
}

test('tempest runs failed tests again once, and both runs are kept', { timeout: 300_000 }, async () => {
  const { console, status } = await phase('tempest');
  await phase('collect');

  const { results, selection } = await readArtifacts();
  const failed = results!.tests.filter(({ outcome }) => outcome === 'failed').map(({ again, id }) => [id, again]);
  expect(status, console).toBe(1);
  expect(console).toContain('Run again: 5 tests\n');
  expect(Object.fromEntries(failed)).toEqual({
    'flaky_project.test_flaky.Flaky.test_fails_once': 'passed',
    'flaky_project.test_flaky.Flaky.test_fails_always': 'failed',
    'setUpClass (flaky_project.test_flaky.FlakyFixture)': 'passed',
    'setUpClass (flaky_project.test_flaky.BrokenFixture)': 'failed',
  });
  expect(selection).toHaveLength(7);
  expect(missingText(summarizeMissing(results!, { selection, last: undefined }))).toBe(
    '3 selected tests did not run, all hidden by a failed setUpClass.',
  );
});

test('the console of a real stestr shows how far the tests are', { timeout: 300_000 }, async () => {
  const { console } = await phase('tempest');

  const reader = createProgressReader();
  reader.push(Buffer.from(console));
  expect(reader.progress).toMatchObject({
    selected: 7,
    passed: 1,
    skipped: 1,
    failed: 4,
    again: { selected: 5, passed: 3, failed: 2 },
  });
});

test('where more failed than run again, and where none failed, there is one run', { timeout: 300_000 }, async () => {
  const many = await phase('tempest', { TEMPEST_RERUN_MAX: '4' });
  await phase('collect');
  const ofMany = await readdir(join(folder, 'artifacts'));
  const none = await phase('tempest', { TEMPEST_INCLUDE: 'Fine' });
  await phase('collect');

  const { results } = await readArtifacts();
  expect([many.status, none.status]).toEqual([1, 0]);
  expect(many.console + none.console).not.toContain('Run again');
  expect(ofMany).toContain('testrepository.subunit');
  expect(ofMany).not.toContain('testrepository-again.subunit');
  expect(results!.tests).toHaveLength(2);
});

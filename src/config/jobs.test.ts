import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadIn, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** The minimal file with these jobs. */
function withJobs(jobs: string): string {
  return minimal.replace(/jobs:\n[^]*?(?=pipelines:)/, `jobs:\n${jobs}`);
}

const jobsOf = async (jobs: string) => (await loadIn(workspace, withJobs(jobs))).settings.jobs;
const problemsOf = async (jobs: string) => (await problemsIn(workspace, withJobs(jobs))).join('\n');

const base = `
  - name: base
    label: devstack
    backend: shared
    timeout: 1h
    environment: {A: base, B: base}
    phases:
      - {name: fetch, run: fetch, attempts: 3}
      - {name: test, run: test, timeout: 30m}
      - {name: collect, run: collect, always: true}
`;

describe('artifacts of a job', () => {
  const withArtifacts = (rules: string) => `${base}    artifacts:\n      - {paths: [a.log], max_size: 1MiB}
  - name: tempest\n    parent: base\n    artifacts:\n${rules}`;

  test('are its own rules, then those of its parent', async () => {
    const [, own] = await jobsOf(withArtifacts(`      - {paths: [/var/log/syslog], when: failure, to: system}\n`));

    expect(own?.artifacts).toEqual([
      { paths: ['/var/log/syslog'], maxSize: 64 * 1024 ** 2, when: 'failure', to: 'system' },
      { paths: ['a.log'], maxSize: 1024 ** 2, when: 'always', to: 'controller/logs' },
    ]);
  });

  test.each([
    ['{paths: [/]}', 'must name a folder before its first `*`'],
    ['{paths: [/**/x.log]}', 'must name a folder before its first `*`'],
    ['{paths: [/proc/meminfo]}', 'not /proc, /sys or /dev'],
    ['{paths: [a/../b]}', 'must not hold `..`'],
    ['{paths: ["a b"]}', 'without blanks and quotes'],
    ["{paths: ['/x/$(id)']}", 'without blanks and quotes'],
    ['{paths: []}', ''],
    ['{paths: [a], max_size: 65MiB}', 'must be at most 64MiB'],
    ['{paths: [a], when: sometimes}', 'when'],
    ['{paths: [a], to: system}', 'is for files from elsewhere'],
    ['{paths: [/a/b], to: ../system}', 'must be a folder such as controller/logs'],
    ['{path: [/a/b]}', 'path'],
  ])('%s is refused', async (rule, problem) => {
    const problems = await problemsOf(withArtifacts(`      - ${rule}\n`));

    expect(problems).toContain('artifacts');
    expect(problems).toContain(problem);
  });
});

describe('a job with a parent', () => {
  test('has what it does not say from there: variables add up, phases are replaced by name or added before those that always run', async () => {
    const [, tempest] = await jobsOf(`${base}
  - name: tempest
    parent: base
    attempts: 2
    environment: {B: tempest, C: tempest}
    phases:
      - {name: test, run: other}
      - {name: more, run: more}
`);

    expect(tempest).toMatchObject({
      label: 'devstack',
      backend: { kind: 'shared' },
      timeout: 3_600_000,
      attempts: 2,
      voting: true,
      environment: { A: 'base', B: 'tempest', C: 'tempest' },
    });
    expect(tempest?.phases).toEqual([
      { name: 'fetch', script: 'fetch', attempts: 3, always: false, timeout: undefined },
      { name: 'test', script: 'other', attempts: 1, always: false, timeout: undefined },
      { name: 'more', script: 'more', attempts: 1, always: false, timeout: undefined },
      { name: 'collect', script: 'collect', attempts: 1, always: true, timeout: 600_000 },
    ]);
  });

  test('may have a grandparent, and parents need not be able to run', async () => {
    const jobs = await jobsOf(`
  - {name: limits, timeout: 2h, voting: false}
  - {name: base, parent: limits, label: devstack, phases: [{name: run, run: x}]}
  - {name: tempest, parent: base, timeout: 4h}
`);

    expect(jobs.map(({ name, timeout, voting }) => ({ name, timeout, voting }))).toEqual([
      { name: 'base', timeout: 7_200_000, voting: false },
      { name: 'tempest', timeout: 14_400_000, voting: false },
    ]);
  });
});

describe('mistakes', () => {
  test.each([
    [
      'a parent that is not there',
      '{name: tempest, parent: bas}',
      'jobs[1].parent: no job is called bas. Did you mean base?',
    ],
    ['a circle', '{name: tempest, parent: tempest}', 'jobs[1].parent: tempest → tempest is a circle.'],
    ['no label', '{name: tempest, phases: [{name: run, run: x}]}', 'jobs[1]: has no label, and no parent that has.'],
    ['no phases', '{name: tempest, label: devstack}', 'jobs[1]: has no phases, and no parent that has.'],
    [
      'nothing that decides',
      '{name: tempest, label: devstack, phases: [{name: run, run: x, always: true}]}',
      'jobs[1].phases: are all `always`: none of them would decide its result.',
    ],
  ])('%s is told', async (_what, job, expected) => {
    expect(await problemsOf(`${base}  - ${job}\n`)).toContain(expected);
  });

  test('a parent that a project runs must be whole', async () => {
    const problems = await problemsOf(
      '  - {name: tempest, timeout: 2h}\n  - {name: other, parent: tempest, label: devstack}\n',
    );

    expect(problems).toContain('jobs[0]: has no label, and no parent that has.');
  });

  test('a label that is wrong is not told to be missing too', async () => {
    const problems = await problemsOf('  - {name: tempest, label: 7, phases: [{name: run, run: x}]}\n');

    expect(problems).toContain('jobs[0].label');
    expect(problems).not.toContain('no parent that has');
  });
});

describe('scripts that come with sidegate', () => {
  test('are named by their folder and file', async () => {
    const [job] = await jobsOf(
      "  - {name: tempest, label: devstack, phases: [{name: fetch, script: 'sidegate:shared/fetch.sh'}]}\n",
    );

    expect(job?.phases[0]?.script).toContain('SIDEGATE_CHANGES');
  });

  test.each(['shared/nothing.sh', '../package.json', 'shared/../../package.json', ''])('%j is none', async (name) => {
    const job = `  - {name: tempest, label: devstack, phases: [{name: x, script: 'sidegate:${name}'}]}\n`;

    expect(await problemsOf(job)).toContain('jobs[0].phases[0].script: ');
  });
});

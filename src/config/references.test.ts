import { afterAll, beforeAll, expect, test } from 'vitest';
import { minimalWith, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const problemsOf = (text: string, env: Readonly<Record<string, string>> = {}) => problemsIn(workspace, text, env);

test.each<[string, string, string, string]>([
  [
    'an unknown label',
    'label: devstack\n',
    'label: devstak\n',
    'jobs[0].label: no label is called devstak. Did you mean devstack?',
  ],
  [
    'an unknown back end',
    'backend: shared',
    'backend: lpar2',
    'jobs[0].backend: no back end is called lpar2. Did you mean lpar1?',
  ],
  [
    'a kind of back end there is none of',
    'backend: shared',
    'backend: dedicated',
    'jobs[0].backend: there is no dedicated back end.',
  ],
  [
    'an unknown Gerrit',
    'gerrit: review,',
    'gerrit: opendev,',
    'projects[0].gerrit: no Gerrit is called opendev. Known: review.',
  ],
  [
    'an unknown pipeline',
    '{check: [tempest]}',
    '{chekc: [tempest]}',
    'projects[0].pipelines.chekc: no pipeline is called chekc.',
  ],
  [
    'an unknown job',
    '{check: [tempest]}',
    '{check: [tempst]}',
    'projects[0].pipelines.check[0]: no job is called tempst. Did you mean tempest?',
  ],
  ['an unknown cloud', 'cloud: ci-cloud', 'cloud: ci-clod', 'has no cloud ci-clod. Did you mean ci-cloud?'],
  ['a job twice', '[tempest]', '[tempest, tempest]', 'projects[0].pipelines.check[1]: tempest is there twice.'],
  [
    'a name twice',
    '- {name: run, run: echo hello}',
    '- {name: run, run: x}\n      - {name: run, run: y}',
    'jobs[0].phases[1].name: run is there twice.',
  ],
  ['a prefix twice', 'prefix: ZB0', 'prefix: ZA0', 'backends[0].slots[1].prefix: ZA0 overlaps with ZA0 of lpar1.'],
  ['a prefix that begins another', 'prefix: ZB0', 'prefix: ZA', 'ZA overlaps with ZA0 of lpar1.'],
  ['a prefix of the system', 'prefix: ZB0', 'prefix: MA', 'the system userid MAINT starts with MA.'],
  [
    'a dedicated back end with two slots',
    'kind: shared',
    'kind: dedicated',
    'backends[0].slots: a dedicated back end has exactly one slot.',
  ],
  ['a back end named like a kind', 'name: lpar1', 'name: any', 'backends[0].name: any is the word for a kind'],
  [
    'more ready than allowed',
    'user: zuul',
    'user: zuul, min_ready: 3',
    'labels[0].min_ready: must not be more than max (2).',
  ],
])('%s is told with its place', async (_name, part, replacement, expected) => {
  const problems = await problemsOf(minimalWith(part, replacement));

  expect(problems.join('\n')).toContain(expected);
  expect(problems.join('\n')).not.toContain('hunter2');
});

test('a pipeline that runs by the clock needs projects by name', async () => {
  const periodic = minimal
    .replace('[patchset-created, recheck]', "[{periodic: '0 2 * * *'}]")
    .replace('project: openstack/nova', "project: 'openstack/*'");

  expect((await problemsOf(periodic)).join('\n')).toContain(
    'projects[0].pipelines.check: runs by the clock, which needs',
  );
});

test('all problems are told at once, in the order of the file', async () => {
  const broken = minimal
    .replace('Example z/VM CI', 'Example')
    .replace('./gerrit-password', './nowhere')
    .replace('cloud: ci-cloud', 'cloud: other')
    .replace('label: devstack\n', 'label: devstak\n    timeout: 3\n')
    .replace('prefix: ZB0', 'prefix: ZA0')
    .replace('name: check,', 'name: check-zvm,');

  const problems = await problemsOf(broken);

  expect(problems.map((problem) => problem.split(': ')[2])).toEqual([
    'name',
    'gerrit[0].password.file',
    'labels[0].cloud',
    'backends[0].slots[1].prefix',
    'jobs[0].label',
    'jobs[0].timeout',
    'pipelines[0].name',
    'projects[0].pipelines.check',
  ]);
});

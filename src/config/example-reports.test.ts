import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadIn, minimalWith, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

test('a job whose details would begin with a trigger word of CIs is told: they are left out', async () => {
  const { warnings } = await loadIn(workspace, minimal.replaceAll('tempest', 'run-tempest'));

  expect(warnings).toEqual([
    expect.objectContaining({
      path: 'projects[0].pipelines.check',
      what: expect.stringContaining('starts with a trigger word of CIs'),
    }),
  ]);
});

test('more jobs than a comment has room for are refused', async () => {
  const names = Array.from({ length: 120 }, (_, index) => `tempest-${index}-${'x'.repeat(40)}`);
  const job = minimal.slice(minimal.indexOf('  - name: tempest'), minimal.indexOf('pipelines:'));
  const text = minimal
    .replace(job, names.map((name) => job.replace('tempest', name)).join(''))
    .replace('[tempest]', `[${names.join(', ')}]`);

  expect((await problemsIn(workspace, text)).join('\n')).toMatch(/no room for \d+ of 120 results/);
});

test.each([
  ['a dash in the name of a pipeline', 'name: check,', 'name: check-zvm,', 'summary tab drops the whole result'],
  ['a name without CI', 'name: Example z/VM CI', 'name: Example z/VM', 'summary tab recognises a CI by it'],
  ['an account’s name instead', 'name: Example z/VM CI', 'name: zvm-ci', 'must end with " CI"'],
  ['a name like Zuul’s', 'name: Example z/VM CI', 'name: Zuul z/VM CI', 'would take it for Zuul itself'],
])('%s is refused with the reason', async (_name, part, replacement, reason) => {
  expect((await problemsIn(workspace, minimalWith(part, replacement))).join('\n')).toContain(reason);
});

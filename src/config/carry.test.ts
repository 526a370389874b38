import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadIn, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** The minimal file, and another Gerrit where asked for, whose job carries this. */
function carrying(carry: string, more = ''): string {
  return `${minimal.replace('    backend: shared\n', `    backend: shared\n    carry: ${carry}\n`).replace('projects:', `${more}projects:`)}`;
}

function withSecond(text: string): string {
  const [, review = ''] = /gerrit:\n((?: .*\n)+)labels/.exec(text) ?? [];
  const second = review.replace('name: review', 'name: second').replaceAll('review.example.org', 'second.example.org');
  return text.replace('labels:', `${second}labels:`);
}

const jobsOf = async (text: string) => (await loadIn(workspace, text)).settings.jobs.map(({ carry }) => carry);
const problemsOf = async (text: string) => (await problemsIn(workspace, text)).join('\n');

test('a change is named by number or address, on the only Gerrit or the one of the address', async () => {
  const carry =
    '[{change: 7, reason: bug 1}, {change: "https://second.example.org/c/x/+/8", reason: bug 2, branches: [stable/*]}]';

  expect(await jobsOf(carrying('[{change: 7, reason: bug 1}]'))).toEqual([
    [{ connection: 'review', number: 7, reason: 'bug 1', branches: undefined }],
  ]);
  expect(await jobsOf(withSecond(carrying(carry.replace('change: 7', 'gerrit: review, change: 7'))))).toEqual([
    [
      { connection: 'review', number: 7, reason: 'bug 1', branches: undefined },
      { connection: 'second', number: 8, reason: 'bug 2', branches: ['stable/*'] },
    ],
  ]);
});

test('a job has what its parent carries, unless it says otherwise', async () => {
  const text = carrying('[{change: 7, reason: bug 1}]')
    .replace(
      'pipelines:\n',
      '  - {name: child, parent: tempest}\n  - {name: bare, parent: tempest, carry: []}\npipelines:\n',
    )
    .replace('check: [tempest]', 'check: [tempest, child, bare]');

  const [own, inherited, none] = await jobsOf(text);

  expect(inherited).toEqual(own);
  expect(none).toEqual([]);
});

test('all mistakes are told at once', async () => {
  const problems = await problemsOf(
    withSecond(
      carrying(`[{change: 7, reason: x}, {gerrit: reviev, change: 7, reason: x}, {change: "https://other.org/c/x/+/8", reason: x},
      {gerrit: second, change: "https://review.example.org/8", reason: x}, {gerrit: review, change: 9, reason: x}, {gerrit: review, change: 9, reason: x}]`),
    ),
  );

  for (const problem of [
    'jobs[0].carry[0].change: there are several Gerrits.',
    'jobs[0].carry[1].gerrit: no Gerrit is called reviev. Did you mean review?',
    'jobs[0].carry[2].change: no Gerrit of this address is configured.',
    'jobs[0].carry[3].gerrit: the address is one of review.',
    'jobs[0].carry[5].change: change 9 on review is there twice.',
  ])
    expect(problems).toContain(problem);
});

test.each([
  ['{change: 7}', 'reason'],
  ['{change: seven, reason: x}', 'must be the number or the address of a change'],
  ['{change: 0, reason: x}', 'change'],
  ['{change: "7,2", reason: x}', 'must be without a patchset: the newest one is carried'],
])('%s is refused', async (entry, expected) => {
  expect(await problemsOf(carrying(`[${entry}]`))).toContain(expected);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dayOf } from '../domain/exclusion.ts';
import { readPresetEntries } from './presets.ts';
import { problemText } from './problem.ts';
import { loadIn, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const inDays = (days: number) => dayOf(Date.now() + days * 86_400_000);

/** The minimal file with the shipped script and these variables. */
function withVariables(
  variables: Readonly<Record<string, string>>,
  script = 'sidegate:zvm-devstack-tempest/tempest.sh',
) {
  return minimal
    .replace('run: echo hello', `script: '${script}'`)
    .replace('    backend: shared\n', `    backend: shared\n    environment: ${JSON.stringify(variables)}\n`);
}

const load = (variables: Readonly<Record<string, string>>) => loadIn(workspace, withVariables(variables));
const warningsOf = async (lines: string) => (await load({ TEMPEST_EXCLUDE: lines })).warnings.map(problemText);

describe('TEMPEST_EXCLUDE', () => {
  test('an entry has an id or none', async () => {
    const { settings } = await load({ TEMPEST_EXCLUDE: '2999-01-01 test_a bug 1\nslow 2999-01-02 test_b bug 2\n' });

    expect(settings.jobs[0]?.excluded).toEqual([
      { id: undefined, until: '2999-01-01', regex: 'test_a', reason: 'bug 1' },
      { id: 'slow', until: '2999-01-02', regex: 'test_b', reason: 'bug 2' },
    ]);
  });

  test('one whose day has come, or comes within two weeks, is a warning that names job, entry and day', async () => {
    const warnings = await warningsOf(
      `${inDays(0)} test_today x\nnear ${inDays(14)} test_near x\nfar ${inDays(15)} test_far x`,
    );

    expect(warnings).toEqual([
      expect.stringContaining(
        `warning: jobs[0].environment.TEMPEST_EXCLUDE: tempest tests test_today again: its day, ${inDays(0)}, has come.`,
      ),
      expect.stringContaining(`tempest tests near again from ${inDays(14)} on.`),
    ]);
  });

  test.each([
    'test_a bug',
    '2026-13-01 test_a bug',
    '2026-02-30 test_a bug',
    '2999-01-01 test_a',
    'id never test_a bug',
    '2999-01-01 test#a bug',
  ])('%j is no entry', async (line) => {
    const problems = await problemsIn(workspace, withVariables({ TEMPEST_EXCLUDE: line }));

    expect(problems.join('\n')).toContain(`"${line}" is not [ID] DAY REGEX REASON.`);
  });

  test('is the own matter of a job that does not use the shipped script', async () => {
    await workspace.write('own.sh', 'run "$TEMPEST_EXCLUDE"');

    const { warnings } = await loadIn(workspace, withVariables({ TEMPEST_EXCLUDE: 'test_a,test_b' }, './own.sh'));

    expect(warnings).toEqual([]);
  });
});

describe('TEMPEST_PRESETS', () => {
  const linesOf = async (names: string) =>
    (await load({ TEMPEST_PRESETS: names })).settings.jobs[0]?.environment['SIDEGATE_PRESET_TESTS']?.split('\n') ?? [];

  test('are handed to the script, and entries can be left out of them', async () => {
    const all = await linesOf('zvm');

    expect(all).toContain('rescue never [Rr]escue the z/VM driver has no rescue');
    expect(await linesOf('zvm !rescue !vnc')).toEqual(all.filter((line) => !/^(?:rescue|vnc) /.test(line)));
  });

  test.each([
    ['zvn', 'no preset is called zvn. Did you mean zvm?'],
    ['zvm !rescu', 'no entry of these presets is called rescu. Did you mean rescue?'],
  ])('%j is told', async (names, expected) => {
    expect((await problemsIn(workspace, withVariables({ TEMPEST_PRESETS: names }))).join('\n')).toContain(expected);
  });

  test('each entry matches its examples and nothing else, and its id is its own', async () => {
    const entries = [...(await readPresetEntries()).values()].flat();

    for (const { examples, regex } of entries) {
      const pattern = new RegExp(regex);
      expect(examples.match.filter((id) => !pattern.test(id))).toEqual([]);
      expect(examples.other.filter((id) => pattern.test(id))).toEqual([]);
    }
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect(entries.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['volumes', 'rescue', 'resize', 'suspend', 'interface-attach', 'vnc', 'live-migration']),
    );
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeConfiguration } from './redact.ts';
import { knownSecrets } from './scrub.ts';
import { loadIn, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const load = (text: string) => loadIn(workspace, text, {});

describe('what is hidden in logs', () => {
  test('is every secret of the configuration, and the hosts of the lab', async () => {
    const configuration = await load(minimal);

    const [lab] = configuration.logs.scrub.rules;
    expect(knownSecrets(configuration)).toEqual(['hunter2', expect.stringContaining('PRIVATE KEY'), 'hunter2']);
    expect(lab).toMatchObject({ name: 'lab', strings: ['keystone.example.com'], networks: [{ bits: 32, length: 32 }] });
    expect(JSON.stringify(describeConfiguration(configuration))).not.toContain('hunter2');
  });

  test('is what the rules say, and less where they say so', async () => {
    const scrub = `logs: {scrub: {lab: false, without: [password-hash], rules: [{name: x, networks: [10.0.0.0/8], replace: false}]}}\n`;

    const { logs } = await load(scrub + minimal);

    expect(logs.scrub).toMatchObject({ without: ['password-hash'], rules: [{ name: 'x', replace: false }] });
  });

  test.each([
    ['rules: [{name: x}]', /needs `strings`, `patterns` or `networks`/],
    ['rules: [{name: x, patterns: ["(a+)+"]}]', /a hostile line would take hours/],
    ['rules: [{name: x, networks: [10.0.0.0/33]}]', /must be a network such as 192.0.2.0\/24/],
    ['without: [known-secret]', /./],
  ])('cannot be %s', async (keys, problem) => {
    expect(String(await problemsIn(workspace, `logs: {scrub: {${keys}}}\n${minimal}`, {}))).toMatch(problem);
  });

  test('cannot be a secret as short as a word: a warning says so', async () => {
    await workspace.write('gerrit-password', 'abc\n');

    const { warnings } = await load(minimal);
    await workspace.write('gerrit-password', 'hunter2\n');

    expect(warnings.map(({ what }) => what)).toEqual([
      'the password of review has less than 6 characters: it cannot be hidden in logs.',
    ]);
  });
});

describe('how long logs are kept', () => {
  test('is two months or three, whatever the disk says', async () => {
    const day = 86_400_000;

    const { settings } = await load(minimal);

    expect(settings.logs).toEqual({
      keep: { passed: 60 * day, failed: 90 * day, infra: 60 * day, held: 90 * day },
      disk: undefined,
      keepLocal: 0,
    });
  });

  test('is below 30 days only where the file says that it is wanted', async () => {
    const short = (more: string) => `logs: {retention: {passed: 7d, ${more}disk: {high: 90%, low: 80%}}}\n${minimal}`;

    const refused = await problemsIn(workspace, short(''), {});
    const { settings } = await load(short('under_30_days: true, '));

    expect(String(refused)).toMatch(/below the 30 days that OpenStack asks for: say `under_30_days: true`/);
    expect(settings.logs).toMatchObject({ keep: { passed: 7 * 86_400_000 }, disk: { high: 0.9, low: 0.8 } });
  });

  test.each(['{high: 80%, low: 90%}', '{high: 0.9, low: 0.8}', '{high: 100%, low: 0%}', '{high: 90%}'])(
    'cannot depend on %s',
    async (disk) => {
      expect(await problemsIn(workspace, `logs: {retention: {disk: ${disk}}}\n${minimal}`, {})).not.toEqual([]);
    },
  );
});

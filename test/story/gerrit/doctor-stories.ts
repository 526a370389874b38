import { describe, expect, test } from 'vitest';
import type { AccountName } from '../../../lab/gerrit/accounts.ts';
import { accessAs } from '../../../lab/gerrit/lab-gerrit.ts';
import { checkGerrit } from '../../../src/adapters/gerrit/check-gerrit.ts';
import type { GerritAccess } from '../../../src/domain/gerrit-access.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { until } from '../world/look.ts';
import type { Stage } from './stage.ts';

/** Nobody listens to it here: its changes cost no build. */
const project = 'example/zvm-driver';
const branches = ['master'];
const none = { project, branches, votes: [] };

/** What `sidegate doctor` says about the account: each line of docs/gerrit-account.md that Gerrit tells anything about. */
export function doctorStories(on: () => Stage): void {
  describe('the doctor', () => {
    rightAccount(on);
    wrongAccounts(on);
    unknownRights(on);
  });
}

function rightAccount(on: () => Stage): void {
  test('finds all well with the right account', async () => {
    await pushOpen(on());

    const findings = await check(
      { gerrit: on().gerrit, account: 'zvm-ci' },
      { project, branches, votes: votes(1, -1) },
      { ...none, project: 'example/*' },
    );

    expect(findings.map(lineOf)).toEqual([
      'ok SSH host key: is the configured one',
      'ok SSH login: works',
      'ok stream-events: may be read',
      'ok REST login: works as zvm-ci',
      'ok full name of the account: is "Example z/VM CI"',
      'ok e-mail of the account: is zvm-ci@example.com',
      expect.stringMatching(/^ok clock: differs from Gerrit's by \d+ s$/),
      'ok groups of the account: it is in Third-Party CI, nova-ci',
      'ok rights on the server: it does not administrate it',
      `ok project ${project}: can be seen: the account may comment there`,
      `ok vote Verified +1 on ${project}: is permitted`,
      `ok vote Verified -1 on ${project}: is permitted`,
      'ok project example/*: can be seen: the account may comment there',
    ]);
  });
}

function wrongAccounts(on: () => Stage): void {
  test('says of a person’s account that it is no CI’s, hears nothing and may not vote', async () => {
    await pushOpen(on());

    const findings = await check(
      { gerrit: on().gerrit, account: 'dev' },
      { project, branches, votes: votes(1) },
      { ...none, project: 'example/none' },
    );

    expect(wrongIn(findings)).toEqual([
      expect.stringMatching(/^WRONG stream-events: .*not permitted/),
      'WRONG full name of the account: is "Dee Veloper"',
      `WRONG vote Verified +1 on ${project}: is not permitted; permitted: none of this label`,
      expect.stringMatching(/^WRONG project example\/none: .*HTTP 404/),
    ]);
  });

  test('says of another CI’s account that it may not vote, and names its groups', async () => {
    await pushOpen(on());

    const findings = await check({ gerrit: on().gerrit, account: 'nonevoter' }, { project, branches, votes: votes(1) });

    expect(wrongIn(findings)).toEqual([
      'WRONG full name of the account: is "Other CI"',
      `WRONG vote Verified +1 on ${project}: is not permitted; permitted: none of this label`,
    ]);
    expect(findings.map(lineOf)).toContain('ok groups of the account: it is in Third-Party CI');
    for (const { ok, todo } of findings) if (!ok) expect(todo).not.toBe('');
  });

  test('warns of an account that may do more than a CI needs', async () => {
    await pushOpen(on());

    const findings = await check({ gerrit: on().gerrit, account: 'admin' }, { project, branches, votes: votes(1) });

    expect(wrongIn(findings)).toEqual([
      'WRONG full name of the account: is "Administrator"',
      'WRONG rights on the server: it administrates Gerrit',
      expect.stringMatching(`^WRONG rights on ${project}: it may vote .*Verified \\+2`),
    ]);
  });
}

function unknownRights(on: () => Stage): void {
  test('does not call right what no open change tells', async () => {
    const findings = await check(
      { gerrit: on().gerrit, account: 'zvm-ci' },
      { project, branches: ['nowhere'], votes: votes(1) },
      { ...none, project: 'nothing/*' },
    );

    expect(wrongIn(findings)).toEqual([]);
    expect(findings.filter(({ unchecked }) => unchecked).map(({ what }) => what)).toEqual([
      `votes on ${project}`,
      'project nothing/*',
    ]);
  });

  test('tells a wrong host key and a wrong password, and asks nothing more with it', async () => {
    const findings = await check(
      { gerrit: on().gerrit, account: 'zvm-ci', changed: { password: 'wrong', hostKeys: [] } },
      none,
    );

    expect(findings.map(({ what, ok }) => [what, ok])).toEqual([
      ['SSH host key', false],
      ['REST login', false],
    ]);
  });
}

type Expected = Parameters<typeof checkGerrit>[1]['projects'][number];

interface Asked {
  readonly gerrit: GerritUnderTest;
  readonly account: AccountName;
  readonly changed?: Partial<GerritAccess>;
}

function check({ account, changed, gerrit }: Asked, ...projects: readonly Expected[]): Promise<readonly Finding[]> {
  return checkGerrit(accessAs(gerrit, account, changed), { ciName: 'Example z/VM CI', projects });
}

/** An open change that the search knows already. */
async function pushOpen({ gerrit, push }: Stage): Promise<void> {
  const { change } = await push({}, { project });
  await until(
    async () => (await fetch(`${gerrit.url}/changes/?q=${encodeURIComponent(`change:${change}`)}`)).text(),
    (text) => text.includes(`"_number":${change}`),
  );
}

function lineOf({ detail, ok, unchecked, what }: Finding): string {
  return `${unchecked ? 'not checked' : ok ? 'ok' : 'WRONG'} ${what}: ${detail}`;
}

function wrongIn(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ ok, unchecked }) => !ok && !unchecked).map(lineOf);
}

function votes(...values: readonly number[]) {
  return values.map((value) => ({ label: 'Verified', value }));
}

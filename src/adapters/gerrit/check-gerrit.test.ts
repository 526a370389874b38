import { expect, test } from 'vitest';
import type { Finding } from '../../domain/finding.ts';
import { checkGerrit } from './check-gerrit.ts';
import { accessTo } from './testing/recorded.ts';
import type { Recorded } from './testing/recorded.ts';
import { replay, startReplayServer } from './testing/replay-server.ts';

// Gerrits that neither the simulator nor the lab's is; what both are is in test/story/gerrit/doctor-stories.ts.

const self = { _account_id: 1000001, name: 'Example z/VM CI', email: 'zvm-ci@example.com', username: 'zvm-ci' };
const fine: Readonly<Record<string, Recorded>> = {
  '/a/config/server/version': { status: 200, body: '3.13.5' },
  '/a/accounts/self': { status: 200, body: self },
  '/a/accounts/self/groups': { status: 200, body: [] },
  '/a/accounts/self/capabilities': { status: 200, body: {} },
};

/** What the doctor says of it; nothing of SSH, where nobody listens. */
async function findingsOf(
  answers: Readonly<Record<string, Recorded>>,
  { behind = 0, projects = [] }: { behind?: number; projects?: Parameters<typeof checkGerrit>[1]['projects'] } = {},
): Promise<readonly Finding[]> {
  const all = { ...fine, ...answers };
  await using server = await startReplayServer((request, response) => {
    response.setHeader('date', new Date(Date.now() - behind).toUTCString());
    replay(response, all[(request.url ?? '').split('?')[0] ?? ''] ?? { status: 404, body: 'Not found' });
  });
  const findings = await checkGerrit(accessTo({ url: server.url }), { ciName: 'Example z/VM CI', projects });
  return findings.filter(({ what }) => !what.startsWith('SSH'));
}

function named(findings: readonly Finding[], what: string): Finding | undefined {
  return findings.find((finding) => finding.what === what);
}

test('an account without a mailbox is told to register one', async () => {
  const { email: _, ...mute } = self;

  const found = await findingsOf({ '/a/accounts/self': { status: 200, body: mute } });

  expect(named(found, 'e-mail of the account')).toMatchObject({ ok: false, todo: expect.stringContaining('Register') });
});

test('a name without CI at its end is wrong even where the configuration has the same', async () => {
  const answers = { '/a/accounts/self': { status: 200, body: { ...self, name: 'Example CI of z/VM' } } };
  await using server = await startReplayServer((request, response) =>
    replay(response, { ...fine, ...answers }[request.url ?? ''] ?? { status: 404, body: 'Not found' }),
  );

  const found = await checkGerrit(accessTo({ url: server.url }), { ciName: 'Example CI of z/VM', projects: [] });

  expect(named(found, 'full name of the account')).toMatchObject({
    ok: false,
    todo: expect.stringContaining('Rename'),
  });
});

test('a clock that is two minutes away is wrong', async () => {
  expect(named(await findingsOf({}, { behind: 120_000 }), 'clock')).toMatchObject({ ok: false });
  expect(named(await findingsOf({}), 'clock')).toMatchObject({ ok: true });
});

test('what a Gerrit does not show is not checked, and not wrong', async () => {
  const hidden = { status: 403, body: 'not permitted' };

  const found = await findingsOf({ '/a/accounts/self/groups': hidden, '/a/accounts/self/capabilities': hidden });

  expect(found.filter(({ unchecked }) => unchecked).map(({ what }) => what)).toEqual([
    'groups of the account',
    'rights on the server',
  ]);
  expect(found.filter(({ ok, unchecked }) => !ok && !unchecked)).toEqual([]);
});

test('of many groups some are named', async () => {
  const body = Array.from({ length: 30 }, (_, n) => ({ id: `${n}`, name: `group ${n}` }));

  const found = named(await findingsOf({ '/a/accounts/self/groups': { status: 200, body } }), 'groups of the account');

  expect(found?.detail).toMatch(/^it is in group 0, (?:group \d+, ){19}…$/);
});

test('a hidden project is wrong', async () => {
  const projects = [{ project: 'secret', branches: ['master'], votes: [] }];
  const body = 'project secret has state HIDDEN does not permit read';

  const found = await findingsOf({ '/a/projects/secret': { status: 409, body } }, { projects });

  expect(named(found, 'project secret')).toMatchObject({ ok: false, detail: expect.stringContaining('HIDDEN') });
});

test('rights are read from a change on a configured branch of a configured project', async () => {
  const projects = [{ project: 'a/*-zvm', branches: ['stable/*'], votes: [{ label: 'Verified', value: 1 }] }];
  const changes = [
    { _number: 1, project: 'a/nova', branch: 'stable/x' },
    { _number: 2, project: 'a/nova-zvm', branch: 'master' },
    { _number: 3, project: 'a/nova-zvm', branch: 'stable/x' },
  ];
  const permitted = (labels: object) => ({ status: 200, body: { permitted_labels: labels } });

  const found = await findingsOf(
    {
      '/a/changes/': { status: 200, body: changes },
      '/a/changes/a%2Fnova~1': permitted({ 'Code-Review': ['+2'] }),
      '/a/changes/a%2Fnova-zvm~2': permitted({}),
      '/a/changes/a%2Fnova-zvm~3': permitted({ Verified: ['-1', ' 0', '+1'] }),
    },
    { projects },
  );

  expect(named(found, 'vote Verified +1 on a/*-zvm')).toMatchObject({ ok: true });
  expect(named(found, 'rights on a/*-zvm')).toBeUndefined();
});

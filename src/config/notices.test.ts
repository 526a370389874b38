import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadIn, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
  await workspace.write('smtp-password', 'hunter3\n');
  await workspace.write('hook', 'https://chat.example.org/hooks/hunter4\n');
});
afterAll(() => workspace[Symbol.asyncDispose]());

const mail = 'to: [ops@example.org], from: ci@example.org, host: smtp.example.org';

test('without a word about them there are none', async () => {
  const { notices, settings } = await loadIn(workspace, minimal);

  expect(notices).toEqual({ email: undefined, webhooks: [] });
  expect(settings.notices).toEqual({ after: 60_000, again: 3_600_000, remind: 86_400_000, every: 60_000 });
  expect(settings.stormBrake).toEqual({ failures: 5, resume: 'success' });
});

test('secrets come from files and the environment', async () => {
  const text = `${minimal}notices:
  email: {${mail}, username: ci, password: {file: ./smtp-password}}
  webhooks: [{name: chat, url: {file: ./hook}, secret: {env: HOOK_KEY}}]
  remind: never
`;
  const { notices, settings } = await loadIn(workspace, text, { HOOK_KEY: 'hunter5' });

  expect(notices.email).toMatchObject({ to: ['ops@example.org'], port: 587, tls: 'starttls', username: 'ci' });
  expect(notices.email?.password?.reveal()).toBe('hunter3');
  expect(notices.webhooks.map(({ secret, url }) => [url.reveal(), secret?.reveal()])).toEqual([
    ['https://chat.example.org/hooks/hunter4', 'hunter5'],
  ]);
  expect(settings.notices.remind).toBeUndefined();
});

test.each([
  [`email: {${mail}, username: ci}`, 'needs both `username` and `password`'],
  [`email: {${mail}, tls: none, username: ci, password: {file: ./smtp-password}}`, 'password in the clear'],
  [`email: {${mail.replace('ops@example.org', 'ops')}}`, 'must be an e-mail address'],
  [`email: {${mail.replace('ops@example.org', '"a@b, c@d"')}}`, 'must be an e-mail address'],
  [`email: {${mail}, ca_file: ./smtp-password}`, 'holds no certificate'],
  ['webhooks: [{name: chat, url: https://chat.example.org/}]', 'must not be written here'],
  ['webhooks: [{name: chat, url: {file: ./smtp-password}}]', 'no http(s) address'],
  ['webhooks: [{name: chat, url: {file: ./hook}}, {name: chat, url: {file: ./hook}}]', 'chat is there twice'],
  ['remind: sometimes', 'must be `never`, or a duration'],
])('%s is refused', async (line, expected) => {
  const problems = (await problemsIn(workspace, `${minimal}notices:\n  ${line}\n`)).join('\n');

  expect(problems).toContain(expected);
  expect(problems).not.toMatch(/hunter\d/);
});

test.each([
  ['1', 'must be at least 2'],
  ['-1', 'must be at least 2'],
  ['101', 'must be at most 100'],
])('a storm of %s is refused', async (failures, expected) => {
  const problems = await problemsIn(workspace, `${minimal}storm_brake: {failures: ${failures}}\n`);

  expect(problems.join('\n')).toContain(expected);
});

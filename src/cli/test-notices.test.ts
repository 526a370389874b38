import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startMailbox } from '../../test/mailbox.ts';
import type { Mailbox } from '../../test/mailbox.ts';
import { startWebhookReceiver } from '../../test/webhook-receiver.ts';
import type { WebhookReceiver } from '../../test/webhook-receiver.ts';
import { createWorkspace, minimal } from '../config/testing/workspace.ts';
import type { Workspace } from '../config/testing/workspace.ts';

let workspace: Workspace;
let mailbox: Mailbox;
let receiver: WebhookReceiver;

beforeEach(async () => {
  [workspace, mailbox, receiver] = await Promise.all([createWorkspace(), startMailbox(), startWebhookReceiver()]);
});
afterEach(async () => {
  await Promise.all([workspace[Symbol.asyncDispose](), mailbox.stop(), receiver.stop()]);
});

/** `sidegate notices test`, as an operator runs it. */
async function testNotices(notices: string): Promise<{ readonly status: number | null; readonly output: string }> {
  await workspace.write('hook', receiver.url);
  const config = await workspace.write('sidegate.yaml', `${minimal}${notices}`);
  const main = join(import.meta.dirname, '../main.ts');
  const env = { ...process.env, ...workspace.env };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, 'notices', 'test', '--config', config],
      { env },
      (_, output, errors) => resolve({ status: child.exitCode, output: output + errors }),
    );
  });
}

const channels = () => `notices:
  email: {to: [ada@example.org, bob@example.org], from: ci@example.org, host: 127.0.0.1, port: ${mailbox.port}, tls: none}
  webhooks: [{name: chat, url: {file: ./hook}, secret: {env: HOME}}]
`;

test('sends one message through each channel and says so', async () => {
  const { output, status } = await testNotices(channels());

  expect(output).toBe('  ok     e-mail\n  ok     webhook chat\n');
  expect(status).toBe(0);
  expect(mailbox.mails).toMatchObject([{ from: 'ci@example.org', to: ['ada@example.org', 'bob@example.org'] }]);
  expect(mailbox.mails[0]!.source).toMatch(/^Subject: \[Example z\/VM CI\] test: sidegate notices test\r$/m);
  expect(mailbox.mails[0]!.source).toContain('This is how notices arrive.');
  const posts = receiver.posts.map(({ body, headers }) => [JSON.parse(body), headers['x-sidegate-signature']]);
  expect(posts).toMatchObject([
    [
      { ci: 'Example z/VM CI', status: 'https://ci.example.com/', notices: [{ code: 'test' }] },
      expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    ],
  ]);
});

test('says what a mailbox answers that refuses the message, and tries the other channels all the same', async () => {
  mailbox.refuse('4.7.1 Greylisted, come back later');

  const { output, status } = await testNotices(channels());

  expect(output).toMatch(
    /^ {2}WRONG {2}e-mail: Notices could not be sent\. SMTP 127\.0\.0\.1:\d+: .*451 4\.7\.1 Greylisted, come back later\n {2}ok {5}webhook chat\n$/,
  );
  expect(status).toBe(1);
  expect(receiver.posts).toHaveLength(1);
});

test('says what a webhook answers, and not its address', async () => {
  receiver.answer(403);

  const { output, status } = await testNotices(channels());

  expect(output).toContain(
    '  ok     e-mail\n  WRONG  webhook chat: Notices could not be sent. webhook chat answers HTTP 403.',
  );
  expect(output).not.toContain('token-of-ours');
  expect(status).toBe(1);
});

test('says that nothing is configured', async () => {
  expect(await testNotices('')).toEqual({
    status: 0,
    output: 'No channel is configured: see `notices` in docs/configure.md.\n',
  });
});

import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMailbox } from '../../test/mailbox.ts';
import type { Mailbox } from '../../test/mailbox.ts';
import { startWebhookReceiver } from '../../test/webhook-receiver.ts';
import type { WebhookReceiver } from '../../test/webhook-receiver.ts';
import { loadIn } from '../config/testing/load.ts';
import { createWorkspace, minimal } from '../config/testing/workspace.ts';
import type { Workspace } from '../config/testing/workspace.ts';
import type { Finding } from '../domain/finding.ts';
import { hasOpenssl, makeCertificate } from '../shared/testing/make-certificate.ts';
import { checkNotices } from './check-notices.ts';

let workspace: Workspace;
let mailbox: Mailbox;
let receiver: WebhookReceiver;

beforeEach(async () => {
  [workspace, mailbox, receiver] = await Promise.all([createWorkspace(), startMailbox(), startWebhookReceiver()]);
});
afterEach(async () => {
  await Promise.all([workspace[Symbol.asyncDispose](), mailbox.stop(), receiver.stop()]);
});

async function check(hook: string, port = mailbox.port): Promise<readonly Finding[]> {
  await workspace.write('hook', hook);
  const text = `${minimal}notices:
  email: {to: [ops@example.org], from: ci@example.org, host: 127.0.0.1, port: ${port}, tls: none}
  webhooks: [{name: chat, url: {file: ./hook}}]
`;
  return checkNotices(await loadIn(workspace, text));
}

test('without a channel there is nothing to check', async () => {
  expect(await checkNotices(await loadIn(workspace, minimal))).toEqual([]);
});

test('a mailbox is right when it takes a connection; a webhook is not checked without sending something', async () => {
  const [mail, webhook] = await check(receiver.url);

  expect(mail).toMatchObject({ ok: true, what: `SMTP 127.0.0.1:${mailbox.port}`, detail: 'takes a connection' });
  expect(webhook).toMatchObject({ unchecked: true, what: 'webhook chat' });
  expect(webhook?.todo).toContain('sidegate notices test');
  expect([mailbox.mails, receiver.posts]).toEqual([[], []]);
});

test('what does not listen is wrong; the address of a webhook is not told', async () => {
  await Promise.all([mailbox.stop(), receiver.stop()]);

  const findings = await check(receiver.url);

  expect(findings).toMatchObject([
    { ok: false, detail: expect.stringContaining('ECONNREFUSED'), todo: expect.stringContaining('notices test') },
    { ok: false, detail: expect.stringContaining('ECONNREFUSED') },
  ]);
  expect(findings.map(({ unchecked }) => unchecked)).toEqual([undefined, undefined]);
  expect(JSON.stringify(findings)).not.toContain('token-of-ours');
  [mailbox, receiver] = await Promise.all([startMailbox(), startWebhookReceiver()]);
});

describe.skipIf(!hasOpenssl)('a webhook behind a certificate nobody trusts', () => {
  test('is wrong', async () => {
    const { cert, key } = makeCertificate();
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;

      const [, webhook] = await check(`https://127.0.0.1:${port}/token-of-ours`);

      expect(webhook).toMatchObject({ ok: false, detail: expect.stringMatching(/self-signed|certificate/i) });
      expect(webhook?.unchecked).toBeUndefined();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

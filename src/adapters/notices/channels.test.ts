import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMailbox } from '../../../test/mailbox.ts';
import type { Mailbox, MailboxOptions } from '../../../test/mailbox.ts';
import { startWebhookReceiver } from '../../../test/webhook-receiver.ts';
import type { WebhookReceiver } from '../../../test/webhook-receiver.ts';
import type { MailAccess } from '../../domain/notice-access.ts';
import { noticeMessage } from '../../domain/notice-message.ts';
import { hasOpenssl, makeCertificate } from '../../shared/testing/make-certificate.ts';
import { checkMail, createMailChannel } from './create-mail-channel.ts';
import { createWebhookChannel } from './create-webhook-channel.ts';

const login = { user: 'sidegate', password: 'a-secret-word' };
const message = noticeMessage({
  id: '0a1b2c3d',
  ciName: 'Example z/VM CI',
  statusUrl: 'https://ci.example.org/',
  more: false,
  notices: [
    {
      code: 'backend-sick',
      subject: 'lpar1',
      text: 'SMAPI is down\r\nBcc: victim@example.org',
      todo: 'Check SMAPI.',
      count: 3,
      openedAt: Date.UTC(2026, 10, 22),
    },
  ],
});

describe('a mail', () => {
  let mailbox: Mailbox;
  afterEach(() => mailbox.stop());

  async function accessTo(options: MailboxOptions, own: Partial<MailAccess> = {}): Promise<MailAccess> {
    mailbox = await startMailbox(options);
    const plain = { host: '127.0.0.1', tls: 'none', ca: undefined, username: undefined, password: undefined } as const;
    const people = { from: 'ci@example.org', to: ['ada@example.org', 'bob@example.org'] };
    return { ...plain, ...people, port: mailbox.port, timeout: 5000, ...own };
  }

  test('reaches every operator with the notice and what to do, and says that a machine wrote it', async () => {
    await createMailChannel(await accessTo({})).send(message);

    const [mail] = mailbox.mails;
    expect(mail).toMatchObject({ from: 'ci@example.org', to: ['ada@example.org', 'bob@example.org'] });
    const source = mail!.source.replaceAll('=\r\n', '');
    expect(source).toMatch(/^Subject: \[Example z\/VM CI\] backend-sick: lpar1\r$/m);
    expect(source).toMatch(/^Message-ID: <0a1b2c3d@sidegate\.invalid>\r$/m);
    expect(source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(source).toContain('SMAPI is down Bcc: victim@example.org');
    expect(source).not.toMatch(/^Bcc:/m);
    expect(source).toContain('https://ci.example.org/');
  });

  test.skipIf(!hasOpenssl).each([
    ['starttls', false],
    ['tls', true],
  ] as const)('with %s goes secured and logged in', async (tls, secure) => {
    const { cert: certificate, key } = makeCertificate();
    const access = await accessTo(
      { certificate, key, secure, login },
      { tls, ca: certificate, username: login.user, password: login.password },
    );

    await createMailChannel(access).send(message);

    expect(mailbox.mails).toMatchObject([{ secure: true, user: login.user }]);
    expect(await checkMail(access)).toMatchObject([{ ok: true, detail: 'takes the log-in' }]);
  });

  test.skipIf(!hasOpenssl).each([
    ['a server without TLS where it is asked for', false],
    ['a certificate nobody trusts', true],
  ])('is not sent to %s', async (_name, hasTls) => {
    const { cert: certificate, key } = makeCertificate();
    const access = await accessTo(hasTls ? { certificate, key } : {}, { tls: 'starttls' });

    await expect(createMailChannel(access).send(message)).rejects.toMatchObject({ code: 'notice-unsent' });
    expect(await checkMail(access)).toMatchObject([{ ok: false }]);
    expect(mailbox.mails).toEqual([]);
  });

  test.skipIf(!hasOpenssl)('that is refused is told without the password', async () => {
    const { cert: certificate, key } = makeCertificate();
    const own = { tls: 'tls', ca: certificate, username: 'sidegate', password: 'wrong-word' } as const;
    const access = await accessTo({ certificate, key, secure: true, login }, own);

    const problem = await createMailChannel(access)
      .send(message)
      .then(() => '', String);

    const [finding] = await checkMail(access);

    expect(problem).toContain('Notices could not be sent');
    expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining('wrong user or password') });
    for (const text of [problem, JSON.stringify(finding)]) expect(text).not.toContain('wrong-word');
  });
});

describe('a webhook', () => {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
  });
  afterEach(() => receiver.stop());

  const channel = (secret?: string) => createWebhookChannel({ name: 'chat', url: receiver.url, secret, timeout: 5000 });

  test('gets JSON with a text for chats, signed', async () => {
    await channel('key of ours').send(message);

    const [{ body, headers } = { body: '', headers: {} }] = receiver.posts;
    expect(JSON.parse(body)).toMatchObject({
      id: '0a1b2c3d',
      ci: 'Example z/VM CI',
      title: '[Example z/VM CI] backend-sick: lpar1',
      text: expect.stringContaining('→ Check SMAPI.'),
      notices: [{ code: 'backend-sick', subject: 'lpar1', count: 3 }],
    });
    const signature = createHmac('sha256', 'key of ours').update(body).digest('hex');
    expect(headers['x-sidegate-signature']).toBe(`sha256=${signature}`);
  });

  test.each([404, 500, 302])('that answers %i has not taken it; its address is not told', async (status) => {
    receiver.answer(status);

    const problem = await channel()
      .send(message)
      .then(() => '', String);

    expect(problem).toContain(`webhook chat answers HTTP ${status}`);
    expect(problem).not.toContain('token-of-ours');
  });

  test('that does not listen is told without its address', async () => {
    await receiver.stop();

    const problem = await channel()
      .send(message)
      .then(() => '', String);

    expect(problem).toContain('ECONNREFUSED');
    expect(problem).not.toContain('token-of-ours');
    receiver = await startWebhookReceiver();
  });
});

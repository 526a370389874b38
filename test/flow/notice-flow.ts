import { createMailChannel } from '../../src/adapters/notices/create-mail-channel.ts';
import { createWebhookChannel } from '../../src/adapters/notices/create-webhook-channel.ts';
import { createSampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { SampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { MailAccess } from '../../src/domain/notice-access.ts';
import type { NoticeSettings } from '../../src/domain/settings.ts';
import type { Notifying } from '../../src/flow/send-notices.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { startMailbox } from '../mailbox.ts';
import type { Mailbox } from '../mailbox.ts';
import { startWebhookReceiver } from '../webhook-receiver.ts';
import type { WebhookReceiver } from '../webhook-receiver.ts';

/** Notices of a real database, told to a real SMTP server and a real HTTP server. */
export interface NoticeFlow {
  readonly rows: SampleRows;
  readonly mailbox: Mailbox;
  readonly receiver: WebhookReceiver;
  /** What is not given happens at once and once. */
  flowWith(timing?: Partial<NoticeSettings>): Notifying;
  drop(): Promise<void>;
}

export async function prepareNoticeFlow(): Promise<NoticeFlow> {
  const [rows, mailbox, receiver] = await Promise.all([createSampleRows(), startMailbox(), startWebhookReceiver()]);
  const mail: MailAccess = {
    host: '127.0.0.1',
    port: mailbox.port,
    tls: 'none',
    ca: undefined,
    username: undefined,
    password: undefined,
    from: 'ci@example.org',
    to: ['ada@example.org'],
    timeout: 5000,
  };
  const flowWith: NoticeFlow['flowWith'] = (timing) => ({
    store: rows.store,
    settings: {
      name: 'Example CI',
      notices: { after: 0, again: 3_600_000, remind: undefined, every: 0, ...timing },
    } as Notifying['settings'],
    channels: [
      createMailChannel(mail),
      createWebhookChannel({ name: 'chat', url: receiver.url, secret: undefined, timeout: 5000 }),
    ],
    statusUrl: 'https://ci.example.org/',
    logger: createLogger('silent'),
  });
  return {
    rows,
    mailbox,
    receiver,
    flowWith,
    drop: async () => {
      await Promise.all([rows.drop(), mailbox.stop(), receiver.stop()]);
    },
  };
}

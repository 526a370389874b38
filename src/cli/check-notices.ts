import { checkMail } from '../adapters/notices/create-mail-channel.ts';
import { checkWebhook } from '../adapters/notices/check-webhook.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Finding } from '../domain/finding.ts';
import { mailAccess, webhookAccesses } from '../neighbours.ts';

/** The ways notices leave, as far as they can be tried without telling anybody anything. None configured: no findings. */
export async function checkNotices({ notices }: Pick<Configuration, 'notices'>): Promise<readonly Finding[]> {
  const mail = mailAccess(notices);
  const [mails, webhooks] = await Promise.all([
    mail ? checkMail(mail) : [],
    Promise.all(webhookAccesses(notices).map(checkWebhook)),
  ]);
  return [...mails, ...webhooks];
}

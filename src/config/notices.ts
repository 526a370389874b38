import { readCertificate } from './backend-files.ts';
import type { MailSecrets, NoticeAccess, WebhookSecrets } from './configuration.ts';
import type { Context } from './context.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { readSecret } from './secrets.ts';
import type { Parts } from './sections.ts';

type Notices = NonNullable<Parts['keys']['notices']>;

/** Secrets of the channels. Undefined where a problem was noted. */
export async function readNotices({ keys, source }: Parts, context: Context): Promise<NoticeAccess> {
  const place: Place = { source, path: ['notices'] };
  const { notices } = keys;
  if (!notices) return { email: undefined, webhooks: [] };
  checkNames(notices, place, context);
  const webhooks: WebhookSecrets[] = [];
  for (const [index, webhook] of notices.webhooks.entries()) {
    const read = await readWebhook(webhook, below(place, 'webhooks', index), context);
    if (read) webhooks.push(read);
  }
  return { email: notices.email && (await readMail(notices.email, below(place, 'email'), context)), webhooks };
}

async function readMail(
  { ca_file: file, password, ...plain }: NonNullable<Notices['email']>,
  place: Place,
  context: Context,
): Promise<MailSecrets | undefined> {
  const secret = password && (await readSecret(password, below(place, 'password'), context));
  const ca = await readCertificate(file, below(place, 'ca_file'), context);
  if (password && !secret) return undefined;
  return { ...plain, username: plain.username, password: secret, ca };
}

async function readWebhook(
  { name, secret, url }: Notices['webhooks'][number],
  place: Place,
  context: Context,
): Promise<WebhookSecrets | undefined> {
  const address = await readSecret(url, below(place, 'url'), context);
  const key = secret && (await readSecret(secret, below(place, 'secret'), context));
  if (!address || (secret && !key)) return undefined;
  if (/^https?:\/\//i.test(address.reveal()) && URL.canParse(address.reveal()))
    return { name, url: address, secret: key };
  context.findings.error(below(place, 'url'), 'the secret is no http(s) address.');
  return undefined;
}

function checkNames({ webhooks }: Notices, place: Place, { findings }: Context): void {
  const names = webhooks.map(({ name }) => name);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index)
      findings.error(below(place, 'webhooks', index, 'name'), `${name} is there twice.`, 'Names must be unique.');
}

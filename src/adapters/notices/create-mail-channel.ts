import { createTransport } from 'nodemailer';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import type { MailAccess } from '../../domain/notice-access.ts';
import { oneLine } from '../../domain/sanitize.ts';
import type { NoticeChannel } from '../../ports/notice-channel.ts';

/** One connection for each message: there are few. */
export function createMailChannel(access: MailAccess): NoticeChannel {
  return {
    name: 'e-mail',
    send: async ({ ciName, id, text, title }) => {
      const mail = {
        from: { name: ciName, address: access.from },
        to: [...access.to],
        subject: oneLine(title, 300),
        text,
        messageId: `<${id}@sidegate.invalid>`,
        // Nobody's vacation answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      };
      try {
        const { rejected } = await transportTo(access).sendMail(mail);
        if (rejected.length > 0) throw new Error(`${rejected.length} of ${access.to.length} recipients were refused`);
      } catch (error) {
        throw unsent(access, error);
      }
    },
  };
}

/** For `sidegate doctor`: connects, secures and logs in; sends nothing. */
export async function checkMail(access: MailAccess): Promise<readonly Finding[]> {
  const what = `SMTP ${access.host}:${access.port}`;
  try {
    await transportTo(access).verify();
    return [
      { ok: true, what, detail: access.username === undefined ? 'takes a connection' : 'takes the log-in', todo: '' },
    ];
  } catch (error) {
    const { detail, todo } = unsent(access, error);
    return [{ ok: false, what, detail, todo }];
  }
}

function transportTo({ ca, host, password, port, timeout, tls, username }: MailAccess) {
  return createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    // What a notice says never names a file or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function unsent({ host, port }: MailAccess, error: unknown): SidegateError {
  return new SidegateError('notice-unsent', `SMTP ${host}:${port}: ${oneLine(errorText(error), 500)}`, {
    cause: error,
  });
}

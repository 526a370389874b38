import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { SidegateError, errorText } from '../../domain/errors.ts';
import { notChecked } from '../../domain/finding.ts';
import type { Finding } from '../../domain/finding.ts';
import type { WebhookAccess } from '../../domain/notice-access.ts';

/**
 * For `sidegate doctor`: connects, and looks at the certificate. Nothing is sent, because whatever it is, people would see it in their chat: whether
 * the address's token is right is not known. The address is a secret; findings do not name it.
 */
export async function checkWebhook(access: WebhookAccess): Promise<Finding> {
  const what = `webhook ${access.name}`;
  try {
    await connectOnce(access);
    return notChecked(what, 'takes a connection; nothing was sent', '`sidegate notices test` sends a message.');
  } catch (error) {
    const { detail, todo } = new SidegateError('notice-unsent', `it takes no connection: ${errorText(error)}`);
    return { ok: false, what, detail, todo };
  }
}

async function connectOnce({ timeout, url }: WebhookAccess): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'https:';
  const to = { host, port: Number(port || (isSecure ? 443 : 80)) };
  const socket: Socket = isSecure
    ? connectSecurely({ ...to, ...(isIP(host) === 0 && { servername: host }) })
    : connect(to);
  try {
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    socket.once(isSecure ? 'secureConnect' : 'connect', () => resolve());
    socket.once('error', reject);
    socket.setTimeout(timeout, () => reject(new Error(`no answer within ${timeout} ms`)));
    await promise;
  } finally {
    socket.destroy();
  }
}

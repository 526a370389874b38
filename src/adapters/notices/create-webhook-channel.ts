import { createHmac } from 'node:crypto';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { WebhookAccess } from '../../domain/notice-access.ts';
import { oneLine } from '../../domain/sanitize.ts';
import type { NoticeChannel } from '../../ports/notice-channel.ts';

/** JSON by POST. Chats (Slack, Mattermost, Rocket.Chat) show `text`; programs read the rest. The address is a secret: errors do not name it. */
export function createWebhookChannel(access: WebhookAccess): NoticeChannel {
  const name = `webhook ${access.name}`;
  return {
    name,
    send: async ({ ciName, id, notices, statusUrl, text, title }) => {
      const body = JSON.stringify({ id, ci: ciName, status: statusUrl, title, text: `${title}\n${text}`, notices });
      const status = await post(access, body, id).catch((error: unknown) => {
        throw new SidegateError('notice-unsent', `${name}: ${oneLine(reasonOf(error), 300)}`);
      });
      if (status < 200 || status > 299) throw new SidegateError('notice-unsent', `${name} answers HTTP ${status}.`);
    },
  };
}

async function post({ secret, timeout, url }: WebhookAccess, body: string, id: string): Promise<number> {
  const signature = secret && `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'x-sidegate-delivery': id,
      ...(signature && { 'x-sidegate-signature': signature }),
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** `fetch failed` alone says nothing; its cause names host and port at most. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return errorText(cause);
}

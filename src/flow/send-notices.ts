import { createHash } from 'node:crypto';
import { errorText } from '../domain/errors.ts';
import { noticeMessage } from '../domain/notice-message.ts';
import type { NoticeChannel } from '../ports/notice-channel.ts';
import type { DueNotice } from '../ports/notice-store.ts';
import type { Flow } from './context.ts';

export type Notifying = Pick<Flow, 'store' | 'settings' | 'channels' | 'statusUrl' | 'logger'>;

/** Told in one message. */
const atOnce = 50;
/** Longer than any sending may take (ms). */
const claim = 120_000;
const firstPause = 10_000;
const longestPause = 3_600_000;

/** Tells open notices to the operators' mailboxes and chats: each once, all of one moment in one message, again after a failure. */
export async function sendNotices(flow: Notifying): Promise<void> {
  await Promise.all(flow.channels.map((channel) => sendThrough(flow, channel)));
}

async function sendThrough(flow: Notifying, channel: NoticeChannel): Promise<void> {
  const { settings, store } = flow;
  const due = () => store.dueNotices(channel.name, settings.notices, atOnce + 1);
  if ((await due()).length === 0) return;
  const failures = await store.claimChannel(channel.name, claim);
  if (failures === undefined) return;
  // Another process may have told them a moment ago.
  const found = await due();
  const notices = found.slice(0, atOnce);
  if (notices.length === 0) return store.saveTold(channel.name, [], 0);
  try {
    await channel.send(messageOf(flow, channel, { notices, more: found.length > atOnce }));
  } catch (error) {
    return await delay(flow, channel, { error, failures });
  }
  await store.saveTold(channel.name, notices, settings.notices.every);
  await store.closeNotice('notice-unsent', channel.name);
}

function messageOf(
  { settings, statusUrl }: Notifying,
  channel: NoticeChannel,
  { notices, more }: { readonly notices: readonly DueNotice[]; readonly more: boolean },
) {
  const what = notices.map(({ code, openedAt, subject, toldAt }) => [code, subject, openedAt, toldAt]);
  const id = createHash('sha256')
    .update(JSON.stringify([settings.name, channel.name, what]))
    .digest('hex')
    .slice(0, 32);
  return noticeMessage({ id, ciName: settings.name, statusUrl, notices, more });
}

async function delay(
  { logger, store }: Notifying,
  { name }: NoticeChannel,
  { error, failures }: { readonly error: unknown; readonly failures: number },
): Promise<void> {
  const pause = Math.min(firstPause * 2 ** failures, longestPause);
  logger.warn({ channel: name, err: errorText(error), pause }, 'notices could not be sent');
  await store.saveChannelFailed(name, pause);
  await store.saveNotice({ code: 'notice-unsent', subject: name, text: errorText(error) });
}

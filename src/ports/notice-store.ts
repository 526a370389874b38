import type { NoticeSettings } from '../domain/settings.ts';
import type { ToldNotice } from '../domain/notice-message.ts';

export interface DueNotice extends ToldNotice {
  /** When this channel was told of it last (ms since 1970); undefined: never. */
  readonly toldAt: number | undefined;
}

export interface NoticeStore {
  /** Open notices this channel shall be told of now, the oldest first; not of its own failure. */
  dueNotices(channel: string, timing: NoticeSettings, limit: number): Promise<readonly DueNotice[]>;
  /** Failures in a row so far; undefined when its pause is not over, or another process is sending. */
  claimChannel(channel: string, milliseconds: number): Promise<number | undefined>;
  /** It was told; nothing more for `pause` ms. */
  saveTold(channel: string, notices: readonly DueNotice[], pause: number): Promise<void>;
  saveChannelFailed(channel: string, pause: number): Promise<void>;
}

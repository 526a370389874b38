import type { NoticeMessage } from '../domain/notice-message.ts';

/** One way to a person who does not look at the status page. */
export interface NoticeChannel {
  /** Shown to people; rows of the database carry it. */
  readonly name: string;
  /** Resolves when the other side has taken it. Throws `notice-unsent`; bounded in time. */
  send(message: NoticeMessage): Promise<void>;
}

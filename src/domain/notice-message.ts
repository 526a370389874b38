import { catalogue } from './errors.ts';
import { oneLine } from './sanitize.ts';

export interface ToldNotice {
  readonly code: string;
  readonly subject: string;
  readonly text: string;
  readonly todo: string;
  /** How often since it was opened. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

/** Several notices are told at once: one message, however much goes wrong. */
export interface NoticeMessage {
  /** The same when it is sent again. */
  readonly id: string;
  readonly ciName: string;
  readonly statusUrl: string;
  readonly title: string;
  readonly text: string;
  readonly notices: readonly ToldNotice[];
}

interface NoticeSource {
  readonly id: string;
  readonly ciName: string;
  readonly statusUrl: string;
  readonly notices: readonly ToldNotice[];
  /** There are more than fit. */
  readonly more: boolean;
}

export function noticeMessage({ id, ciName, more, notices, statusUrl }: NoticeSource): NoticeMessage {
  const [first] = notices;
  const others = notices.length > 1 ? ` and ${notices.length - 1}${more ? '+' : ''} more` : '';
  const title = `[${oneLine(ciName, 100)}] ${first ? headOf(first) : 'Nothing'}${others}`;
  const text = [
    ...notices.map(noticeText),
    ...(more ? ['There are more notices on the status page.', ''] : []),
    `Status: ${statusUrl}`,
  ].join('\n');
  return { id, ciName, statusUrl, title, text, notices };
}

function headOf({ code, subject }: ToldNotice): string {
  return `${code}: ${oneLine(subject, 150)}`;
}

function noticeText(notice: ToldNotice): string {
  const { code, count, openedAt, text, todo } = notice;
  const since = `${new Date(openedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const often = count > 1 ? `, ${count} times` : '';
  return [
    headOf(notice),
    ...(Object.hasOwn(catalogue, code) ? [`  ${catalogue[code as keyof typeof catalogue].what}`] : []),
    `  ${oneLine(text, 2000)}`,
    `  → ${oneLine(todo, 500)}`,
    `  (since ${since}${often})`,
    '',
  ].join('\n');
}

import type { Approval } from '../../domain/event.ts';
import { cleanText } from './clean-text.ts';

/** Well above Gerrit's own limit of 16384. */
const longestText = 64 * 1024;
const mostTexts = 100;
const commentCount = /^\(\d{1,9} comments?\)$/;

/** True when Gerrit counted comments below the message; patchset-level ones among them are not in REST's message. */
export function mentionsComments(message: string): boolean {
  return commentCount.test(firstParagraph(withoutHeader(message)));
}

/**
 * What a person wrote: the message without Gerrit's header and count of comments, then the patchset-level comments.
 *
 * | message                                              | texts       |
 * |------------------------------------------------------|-------------|
 * | `Patch Set 3:\n\nrecheck`                            | `recheck`   |
 * | `Patch Set 3: Code-Review-1 -Verified\n\nno`         | `no`        |
 * | `Patch Set 3:\n\n(1 comment)\n\nsee inline`          | `see inline`|
 * | `Patch Set 3:\n\n(2 comments)`, `Patch Set 3: Code-Review+1` | none |
 */
export function commentTexts(message: string, patchsetLevel: readonly string[]): string[] {
  const body = withoutHeader(message);
  const first = firstParagraph(body);
  const own = commentCount.test(first) ? body.slice(first.length) : body;
  const texts = [own, ...patchsetLevel].map((text) => cleanText(text.replace(/^\n+/, ''), longestText));
  return [...new Set(texts)].filter((text) => text.trim() !== '').slice(0, mostTexts);
}

/** Votes that Gerrit's header tells of: ` Verified+1 -Code-Review`, where the second one was taken back. */
export function headerVotes(message: string): Approval[] {
  const line = firstParagraph(message);
  if (!isHeader(line)) return [];
  return line.split(/\s+/).flatMap((word) => {
    const taken = /^-([A-Za-z][\w-]*)$/.exec(word)?.[1];
    if (taken !== undefined) return [{ label: taken, value: 0 }];
    const [, label, value] = /^([A-Za-z][\w-]*)([+-]\d{1,5})$/.exec(word) ?? [];
    return label === undefined ? [] : [{ label, value: Number(value) }];
  });
}

function withoutHeader(message: string): string {
  const end = message.indexOf('\n');
  const line = end < 0 ? message : message.slice(0, end);
  if (!isHeader(line)) return message;
  return message.slice(line.length).replace(/^\n+/, '');
}

/** `Patch Set 3:` and votes; with other words behind it, a person typed it. */
function isHeader(line: string): boolean {
  const start = /^Patch Set \d{1,9}:/.exec(line);
  if (!start) return false;
  const votes = line.slice(start[0].length).trim().split(/\s+/);
  return votes.every((vote) => vote === '' || /^(?:-[A-Za-z][\w-]*|[A-Za-z][\w-]*[+-]\d{1,5})$/.test(vote));
}

function firstParagraph(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

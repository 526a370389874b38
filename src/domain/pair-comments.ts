import type { ReviewEvent } from './event.ts';

type Comment = ReviewEvent & { readonly type: 'comment-added' };

/** Milliseconds by which the stream's and REST's time of one comment may differ: Gerrit stamps the event after it stored the message. */
const pairWindow = 120_000;

/**
 * True when a comment heard over the stream and one read by REST are the same one. They share no id, and where a review has
 * patchset-level comments the stream carries only those while REST has the review's message too (measured on Gerrit 3.10 and 3.13),
 * so one text must contain the other.
 */
export function isSameComment(one: Comment, other: Comment): boolean {
  if (Math.abs(one.createdAt - other.createdAt) > pairWindow) return false;
  const [shorter, longer] = [textOf(one), textOf(other)].toSorted((a, b) => a.length - b.length) as [
    readonly string[],
    readonly string[],
  ];
  const inside = longer.join('\n');
  return shorter.every((line) => inside.includes(line));
}

function textOf({ texts }: Comment): readonly string[] {
  return texts.flatMap((text) => text.split(/\r?\n/)).flatMap((line) => line.trim() || []);
}

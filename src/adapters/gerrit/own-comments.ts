import { z } from 'zod';
import type { ReviewTarget } from '../../ports/code-review.ts';
import { changeMessage } from './change-schema.ts';
import { changePath } from './rest.ts';
import type { GerritRest } from './rest.ts';

/** Reads the change itself, not the search index: a comment is found as soon as it is stored. */
export async function hasOwnComment(
  rest: GerritRest,
  username: string,
  target: ReviewTarget,
  marker: string,
): Promise<boolean> {
  const messages = await rest.get(`${changePath(target)}/messages`, z.array(changeMessage));
  return messages.some(
    (message) =>
      message.author?.username === username &&
      message._revision_number === target.patchset &&
      message.message.includes(marker),
  );
}

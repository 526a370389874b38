import { z } from 'zod';
import type { ReviewMessage, ReviewTarget } from '../../ports/code-review.ts';
import { changeMessage } from './change-schema.ts';
import { changePath } from './rest.ts';
import type { GerritRest } from './rest.ts';

/** By user name, or by full name: others' user names are rarely known. */
export async function messagesBy(
  rest: GerritRest,
  account: string,
  target: ReviewTarget,
): Promise<readonly ReviewMessage[]> {
  const messages = await rest.get(`${changePath(target)}/messages`, z.array(changeMessage));
  return messages
    .filter(({ author }) => author?.username === account || author?.name === account)
    .map(({ _revision_number: patchset, date, message }) => ({ at: date, patchset: patchset ?? 0, text: message }))
    .toSorted((one, other) => one.at - other.at);
}

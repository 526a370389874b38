import { z } from 'zod';
import type { ReviewTarget } from '../../ports/code-review.ts';
import { positive } from './fields.ts';
import { changePath } from './rest.ts';
import type { GerritRest } from './rest.ts';

const revisions = z.object({ revisions: z.record(z.string(), z.object({ _number: positive })) });

/** Of the change itself: the search index, and the event stream, may be behind. */
export async function currentPatchset(rest: GerritRest, target: ReviewTarget): Promise<number> {
  const found = await rest.get(`${changePath(target)}?o=CURRENT_REVISION`, revisions);
  return Math.max(...Object.values(found.revisions).map(({ _number }) => _number));
}

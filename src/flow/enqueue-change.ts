import { randomUUID } from 'node:crypto';
import { parseChangeReference } from '../domain/change-reference.ts';
import { SidegateError } from '../domain/errors.ts';
import type { Patchset } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { Flow } from './context.ts';
import { journalEvents } from './journal-events.ts';

interface EnqueueRequest {
  /** Its number, with its patchset, or its address. */
  readonly change: string;
  /** Name of the connection; needed for a bare number where there are several. */
  readonly gerrit: string | undefined;
}

/** Journals a patchset as if somebody had asked for it on Gerrit; the running service does the rest. Throws `not-found`. */
export async function enqueueChange(
  flow: Pick<Flow, 'store' | 'reviews'>,
  { change, gerrit }: EnqueueRequest,
): Promise<Patchset> {
  const asked = parseChangeReference(change);
  if (!asked)
    throw new SidegateError(
      'not-found',
      `"${oneLine(change, 200)}" is no change such as 12345, 12345,2 or its address.`,
    );
  const reviews = [...flow.reviews.values()].map(({ review }) => review);
  const review =
    gerrit === undefined && asked.address !== undefined ? at(reviews, asked.address) : named(reviews, gerrit);
  const event = await review.findPatchset(asked.number, asked.patchset);
  await journalEvents(flow, [
    {
      connection: review.name,
      key: `manual:${randomUUID()}`,
      source: 'manual',
      event: { ...event, createdAt: Date.now() },
    },
  ]);
  return event.patchset;
}

/** By the longest address that the copied one begins with. */
function at(reviews: readonly CodeReview[], address: string): CodeReview {
  const known = reviews.filter(({ fetchUrl }) => address.startsWith(`${fetchUrl}/`));
  const [best] = known.toSorted((one, other) => other.fetchUrl.length - one.fetchUrl.length);
  if (best) return best;
  const names = reviews.map(({ fetchUrl, name }) => `${name} (${fetchUrl})`).join(', ');
  throw new SidegateError('not-found', `${oneLine(address, 200)} is on no configured Gerrit: ${names}.`);
}

function named(reviews: readonly CodeReview[], name: string | undefined): CodeReview {
  const names = reviews.map((review) => review.name).join(', ');
  if (name === undefined && reviews.length > 1)
    throw new SidegateError(
      'not-found',
      `There are several Gerrit connections (${names}): name one, or give the address of the change.`,
    );
  const chosen = name === undefined ? reviews[0] : reviews.find((review) => review.name === name);
  if (!chosen) throw new SidegateError('not-found', `Gerrit connection ${name} is not among ${names}.`);
  return chosen;
}

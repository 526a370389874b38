import { createRackHosts } from '../adapters/sql/rack-hosts.ts';
import { SidegateError } from '../domain/errors.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { ReviewAccount } from '../flow/context.ts';
import { enqueueChange } from '../flow/enqueue-change.ts';
import { createNeighbours } from '../neighbours.ts';
import { createLogger } from '../shared/logger.ts';
import { withState } from './open-state.ts';

/** `sidegate enqueue CHANGE[,PATCHSET]`. */
export async function enqueue(change: string, options: { config: string; gerrit?: string }): Promise<void> {
  const [, number, patchset] = /^(\d{1,9})(?:,(\d{1,6}))?$/.exec(change) ?? [];
  if (number === undefined)
    throw new SidegateError('not-found', `"${change}" is no CHANGE or CHANGE,PATCHSET such as 12345,2.`);
  await withState(options.config, async ({ configuration, database, store }) => {
    const { reviews } = createNeighbours(configuration, createRackHosts(database.pool), createLogger('warn'));
    const { review } = chooseReview(reviews, options.gerrit);
    const found = await enqueueChange({ store }, review, {
      number: Number(number),
      patchset: patchset === undefined ? undefined : Number(patchset),
    });
    console.log(`Enqueued ${found.project} ${found.number},${found.patchset}: ${oneLine(found.subject, 100)}`);
  });
}

function chooseReview(reviews: ReadonlyMap<string, ReviewAccount>, name: string | undefined): ReviewAccount {
  const names = [...reviews.keys()].join(', ');
  if (name === undefined && reviews.size > 1)
    throw new SidegateError('not-found', `There are several Gerrit connections (${names}): name one with --gerrit.`);
  const chosen = reviews.get(name ?? [...reviews.keys()][0] ?? '');
  if (!chosen) throw new SidegateError('not-found', `Gerrit connection ${name} is not among ${names}.`);
  return chosen;
}

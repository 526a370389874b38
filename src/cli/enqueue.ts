import { createRackHosts } from '../adapters/sql/rack-hosts.ts';
import type { Configuration } from '../config/configuration.ts';
import { parseChangeReference } from '../domain/change-reference.ts';
import { SidegateError } from '../domain/errors.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { ReviewAccount } from '../flow/context.ts';
import { enqueueChange } from '../flow/enqueue-change.ts';
import { createNeighbours } from '../neighbours.ts';
import { createLogger } from '../shared/logger.ts';
import { withState } from './open-state.ts';

/** `sidegate enqueue CHANGE`: its number, with its patchset, or its address. */
export async function enqueue(change: string, options: { config: string; gerrit?: string }): Promise<void> {
  const asked = parseChangeReference(change);
  if (!asked)
    throw new SidegateError(
      'not-found',
      `"${oneLine(change, 200)}" is no change such as 12345, 12345,2 or its address.`,
    );
  await withState(options.config, async ({ configuration, database, store }) => {
    const { reviews } = createNeighbours(configuration, createRackHosts(database.pool), createLogger('warn'));
    const { review } = chooseReview(reviews, options.gerrit ?? connectionOf(configuration, asked.address));
    const found = await enqueueChange({ store }, review, asked);
    console.log(`Enqueued ${found.project} ${found.number},${found.patchset}: ${oneLine(found.subject, 100)}`);
  });
}

/** By the longest address that the copied one begins with; undefined for a bare number. */
function connectionOf({ gerrit }: Configuration, address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const known = gerrit.filter(({ url }) => address.startsWith(`${url}/`));
  const [best] = known.toSorted((one, other) => other.url.length - one.url.length);
  if (best) return best.name;
  const names = gerrit.map(({ name, url }) => `${name} (${url})`).join(', ');
  throw new SidegateError('not-found', `${oneLine(address, 200)} is on no configured Gerrit: ${names}.`);
}

function chooseReview(reviews: ReadonlyMap<string, ReviewAccount>, name: string | undefined): ReviewAccount {
  const names = [...reviews.keys()].join(', ');
  if (name === undefined && reviews.size > 1)
    throw new SidegateError('not-found', `There are several Gerrit connections (${names}): name one with --gerrit.`);
  const chosen = reviews.get(name ?? [...reviews.keys()][0] ?? '');
  if (!chosen) throw new SidegateError('not-found', `Gerrit connection ${name} is not among ${names}.`);
  return chosen;
}

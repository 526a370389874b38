import { decide } from '../domain/trigger.ts';
import type { PatchsetEvent } from '../domain/event.ts';
import type { HeardEvent } from '../ports/journal-store.ts';
import type { Flow, ReviewAccount } from './context.ts';
import { journalEvents } from './journal-events.ts';

/** What a look at one Gerrit found. */
interface Sweep {
  readonly open: number;
  queued: number;
  /** No trigger of ours, or kept out by a filter. */
  unwanted: number;
  /** Wanted, and left for the next look. */
  left: number;
}

/**
 * 1c. Sweep: finds open changes that should have a result of ours and have none, whatever lost it: an outage longer than Gerrit's search
 * goes back, a project that was configured later, a build that somebody deleted. Nothing older than what this installation has heard of, and no
 * patchset twice: a new installation would be flooded, and one that fails to report would test for ever.
 */
export function createChangeSweeper(
  flow: Flow,
  account: ReviewAccount,
  isOurs: () => Promise<boolean>,
): () => Promise<void> {
  const { review } = account;
  const { every, limit } = flow.settings.changeSweep;
  // What a gap hid is looked for by `fill-gap` first.
  let due = Date.now() + every;
  return async () => {
    if (limit === 0 || Date.now() < due || !(await isOurs())) return;
    const sweep = await sweepChanges(flow, account);
    due = Date.now() + every;
    if (sweep && sweep.queued + sweep.left > 0)
      flow.logger.warn({ gerrit: review.name, ...sweep }, 'open changes without a result were found');
  };
}

export async function sweepChanges(flow: Flow, { review, username }: ReviewAccount): Promise<Sweep | undefined> {
  const { limit, maxAge } = flow.settings.changeSweep;
  const heardSince = await flow.store.heardSince(review.name);
  const projects = flow.settings.projects.filter(({ connection }) => connection === review.name);
  if (heardSince === undefined || projects.length === 0) return undefined;
  const since = Math.max(heardSince, Date.now() - maxAge);
  const found = await review.openPatchsets(since, [...new Set(projects.map(({ project }) => project))]);
  const sweep: Sweep = { open: found.length, queued: 0, unwanted: 0, left: 0 };
  const missed: HeardEvent[] = [];
  for (const { event, hasReport } of found) {
    if (event.createdAt < since || hasReport) continue;
    const wanted = await isWanted(flow, event, { connection: review.name, username });
    if (!wanted) sweep.unwanted += 1;
    else if (missed.length === limit) sweep.left += 1;
    else missed.push({ connection: review.name, key: sweepKey(event), source: 'backfill', event });
  }
  sweep.queued = await journalEvents(flow, missed);
  return sweep;
}

/** Some pipeline waits for such a patchset, and none of those that do has dealt with it. */
async function isWanted(flow: Flow, event: PatchsetEvent, own: Parameters<typeof decide>[2]): Promise<boolean> {
  const { runs } = decide(event, flow.settings, own);
  if (runs.length === 0) return false;
  const { connection, number, patchset } = event.patchset;
  const known = new Set(await flow.store.pipelinesOf({ connection, number }, patchset));
  return runs.every(({ pipeline }) => !known.has(pipeline));
}

/** Another key than the stream's: the patchset may have been heard, and ignored for a reason that is gone. */
function sweepKey({ patchset: { number, patchset, project } }: PatchsetEvent): string {
  return `sweep:${project}~${number}/${patchset}`;
}

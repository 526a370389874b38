import { decide } from '../domain/trigger.ts';
import type { PatchsetEvent } from '../domain/event.ts';
import { patchsetName } from '../domain/patchset.ts';
import type { OpenPatchset } from '../ports/code-review.ts';
import type { HeardEvent } from '../ports/journal-store.ts';
import type { Flow, ReviewAccount } from './context.ts';
import { journalEvents } from './journal-events.ts';

/** Why an open change is left alone. */
type Skip = 'older' | 'reported' | 'unwanted' | 'known' | 'found before' | 'over the limit';

/** What a look at one Gerrit found. */
interface Sweep {
  readonly open: number;
  readonly queued: number;
  readonly skipped: Readonly<Partial<Record<Skip, number>>>;
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
    if (sweep && sweep.queued > 0)
      flow.logger.warn({ gerrit: review.name, ...sweep }, 'open changes without a result were found and queued');
    else if (sweep) flow.logger.info({ gerrit: review.name, ...sweep }, 'no open change without a result was found');
  };
}

export async function sweepChanges(flow: Flow, { review, username }: ReviewAccount): Promise<Sweep | undefined> {
  const { limit, maxAge } = flow.settings.changeSweep;
  const heardSince = await flow.store.heardSince(review.name);
  const projects = flow.settings.projects.filter(({ connection }) => connection === review.name);
  if (heardSince === undefined || projects.length === 0) return undefined;
  const since = Math.max(heardSince, Date.now() - maxAge);
  const found = await review.openPatchsets(since, [...new Set(projects.map(({ project }) => project))]);
  const skipped: Partial<Record<Skip, number>> = {};
  const missed: HeardEvent[] = [];
  for (const one of found) {
    const skip = one.event.createdAt < since ? older : await whyNot(flow, one, { connection: review.name, username });
    if (!skip && missed.length < limit)
      missed.push({ connection: review.name, key: sweepKey(one.event), source: 'backfill', event: one.event });
    else count(skip ?? overLimit, one.event);
  }
  return { open: found.length, queued: await journalEvents(flow, missed), skipped };

  function count({ skip, reason }: Skipped, { patchset }: PatchsetEvent): void {
    skipped[skip] = (skipped[skip] ?? 0) + 1;
    flow.logger.debug({ gerrit: review.name, patchset: patchsetName(patchset), skip, reason }, 'left alone');
  }
}

interface Skipped {
  readonly skip: Skip;
  readonly reason: string;
}

const older: Skipped = { skip: 'older', reason: 'Older than change_sweep.max_age, or than all that was ever heard.' };
const overLimit: Skipped = { skip: 'over the limit', reason: 'The next look comes to it.' };

/** Undefined: some pipeline waits for such a patchset, and none of those that do has dealt with it. */
async function whyNot(
  flow: Flow,
  { event, hasReport }: OpenPatchset,
  own: Parameters<typeof decide>[2],
): Promise<Skipped | undefined> {
  if (hasReport) return { skip: 'reported', reason: 'It has a result of this account.' };
  const { reason, runs } = decide(event, flow.settings, own);
  if (runs.length === 0) return { skip: 'unwanted', reason };
  const { connection, number, patchset } = event.patchset;
  const pipelines = new Set(await flow.store.pipelinesOf({ connection, number }, patchset));
  if (runs.some(({ pipeline }) => pipelines.has(pipeline)))
    return { skip: 'known', reason: 'It is queued or running, or has its result here.' };
  const key = sweepKey(event);
  const journaled = await flow.store.knownKeys(own.connection, [key]);
  // It would take the place of one that was never looked at.
  if (journaled.has(key)) return { skip: 'found before', reason: 'An earlier look queued it.' };
  return undefined;
}

/** Another key than the stream's: the patchset may have been heard, and ignored for a reason that is gone. */
function sweepKey({ patchset: { number, patchset, project } }: PatchsetEvent): string {
  return `sweep:${project}~${number}/${patchset}`;
}

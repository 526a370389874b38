import { sleep } from '../shared/clock.ts';
import type { BuildRow } from '../ports/status.ts';
import { findLeftovers } from './find-leftovers.ts';
import type { Leftovers } from './find-leftovers.ts';
import { proposeChanges } from './propose-changes.ts';
import type { ProposedChange } from './propose-changes.ts';
import { readVotes } from './read-votes.ts';
import type { GerritView } from './read-votes.ts';
import type { Sample } from './sample.ts';

export interface SampleResult {
  /** Both verdicts are right and nothing was left behind. */
  readonly ok: boolean;
  readonly changes: readonly ChangeResult[];
  readonly leftovers: Leftovers;
}

export interface ChangeResult {
  readonly change: number;
  readonly subject: string;
  readonly expected: number;
  readonly votes: Readonly<Record<string, number>>;
  readonly comments: readonly string[];
  readonly builds: readonly string[];
  readonly prefixes: readonly string[];
  readonly servers: readonly string[];
}

const pause = 100;

/** Proposes the two changes. */
export function propose(sample: Sample): Promise<readonly ProposedChange[]> {
  return proposeChanges(sample.gerritUrl, `${sample.directory}/work`);
}

/** Waits until Gerrit shows a vote of the CI on each change, or until the signal fires. */
export async function awaitVotes(
  sample: Sample,
  changes: readonly ProposedChange[],
  signal: AbortSignal,
): Promise<readonly GerritView[]> {
  for (;;) {
    const views = await Promise.all(changes.map((change) => readVotes(sample.gerritUrl, change)));
    const seen = views.filter((view) => view !== undefined);
    if (seen.length === changes.length && seen.every(({ comments }) => comments.length > 0)) return seen;
    if (signal.aborted) return seen;
    await sleep(pause, signal);
  }
}

/** What came of the sample, asked of Gerrit, the cloud and z/VM. */
export async function judgeSample(
  sample: Sample,
  changes: readonly ProposedChange[],
  views: readonly GerritView[],
): Promise<SampleResult> {
  const leftovers = await findLeftovers(sample.config, sample.foreignGuests);
  const results = await Promise.all(changes.map((change, index) => changeResult(sample, change, views[index])));
  const right = results.every(
    ({ votes, expected, comments }) => votes['Verified'] === expected && comments.length === 1,
  );
  const clean = Object.values(leftovers).every((list) => list.length === 0);
  return { ok: right && clean, changes: results, leftovers };
}

async function changeResult(
  sample: Sample,
  change: ProposedChange,
  view: GerritView | undefined,
): Promise<ChangeResult> {
  const number = view?.number ?? 0;
  const response = await fetch(`${sample.statusUrl}/api/builds?change=${number}`);
  const builds = (await response.json()) as BuildRow[];
  return {
    change: number,
    subject: change.subject,
    expected: change.expected,
    votes: view?.votes ?? {},
    comments: view?.comments ?? [],
    builds: builds.map(({ id }) => id),
    prefixes: builds.flatMap(({ prefix }) => prefix ?? []),
    servers: builds.flatMap(({ server }) => server ?? []),
  };
}

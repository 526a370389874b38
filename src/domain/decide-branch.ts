import type { BranchEvent } from './event.ts';
import { oneLine } from './sanitize.ts';
import type { Settings } from './settings.ts';
import { tipName } from './tested-ref.ts';
import { listed, matchingEntries, notConfigured, runsOf } from './trigger.ts';
import type { Decision } from './trigger.ts';

const titles: Readonly<Record<BranchEvent['type'], string>> = { 'ref-updated': 'New tip', periodic: 'It is time' };

/** What a new tip of a branch, or the time to test one, leads to. Filters of changes do not apply. */
export function decideBranch(event: BranchEvent, settings: Settings): Pick<Decision, 'runs' | 'reason'> {
  const { runs, reason } = decideByTrigger(event, settings);
  return { runs, reason: oneLine(reason, 500) };
}

function decideByTrigger({ pipeline, tip, type }: BranchEvent, settings: Settings): Pick<Decision, 'runs' | 'reason'> {
  const entries = matchingEntries(tip, settings);
  if (entries.length === 0) return { runs: [], reason: notConfigured(tip, settings) };
  const waiting = settings.pipelines.filter(
    ({ name, triggers }) =>
      (pipeline === undefined || name === pipeline) && triggers.some(({ event }) => event === type),
  );
  const runs = runsOf(waiting, entries);
  const title = `${titles[type]}, ${tipName(tip)}`;
  if (runs.length === 0) return { runs, reason: `${title}: no pipeline of this project runs on ${type}.` };
  return { runs, reason: `${title}: ${listed(runs)}.` };
}

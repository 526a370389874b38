import { decideBranch } from '../domain/decide-branch.ts';
import type { BranchEvent } from '../domain/event.ts';
import { branchRules } from '../domain/supersede.ts';
import { testedName, tipName } from '../domain/tested-ref.ts';
import type { DecidedEvent } from '../ports/journal-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { startBuildsets } from './start-buildsets.ts';

/** A new tip, or its time: older ones that are queued lose their purpose, those that run go on. */
export async function decideBranchEvent(
  flow: Flow,
  tx: Store,
  { eventId, event }: { readonly eventId: string; readonly event: BranchEvent },
): Promise<Omit<DecidedEvent, 'eventId'>> {
  const { tip } = event;
  const { reason, runs } = decideBranch(event, flow.settings);
  for (const { pipeline } of runs)
    await tx.abortQueuedTips(tip, pipeline, `The newer ${tipName(tip)} takes its place.`);
  const isOnce = branchRules[event.type].withResult === 'ignored';
  const { started } = await startBuildsets(flow, tx, { tested: tip, eventId, decision: { runs, isOnce } });
  if (started > 0) return { decision: 'started', reason };
  if (runs.length === 0) return { decision: 'ignored', reason };
  const known = isOnce ? ', or has its result' : '';
  return { decision: 'ignored', reason: `${testedName(tip)} is queued or running already${known}.` };
}

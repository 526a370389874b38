import { patchsetName } from '../domain/patchset.ts';
import type { Patchset } from '../domain/patchset.ts';
import { decide } from '../domain/trigger.ts';
import type { Decision } from '../domain/trigger.ts';
import type { JournaledEvent } from '../ports/journal-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { closeHeldNotice } from './decide-report.ts';

const batchSize = 100;

/** 2. Trigger: turns journaled events into buildsets, or notes why not. One transaction, so a crash decides nothing by half. */
export async function decideEvents(flow: Flow): Promise<boolean> {
  return flow.store.transaction(async (tx) => {
    // An undone decision is made again.
    await tx.commitLazily();
    const events = await tx.undecidedEvents(batchSize);
    for (const event of events) await decideEvent(flow, tx, event);
    return events.length === batchSize;
  });
}

async function decideEvent(flow: Flow, tx: Store, journaled: JournaledEvent): Promise<void> {
  const { event, connection } = journaled;
  const decision = decisionOf(flow, journaled);
  if (!('patchset' in event)) {
    const aborted =
      decision.cancels === 'change'
        ? await tx.abortBuildsets({ connection, number: event.change.number }, undefined, decision.reason)
        : 0;
    if (decision.cancels === 'change') await closeHeldNotice(tx, event.change.project);
    return tx.recordDecision(journaled.id, aborted > 0 ? 'aborted' : 'ignored', decision.reason);
  }

  const { patchset } = event;
  if (decision.action === 'ignore') return tx.recordDecision(journaled.id, 'ignored', decision.reason);
  const current = await tx.saveCurrentPatchset(patchset);
  if (current > patchset.patchset && journaled.source !== 'manual') {
    return tx.recordDecision(journaled.id, 'ignored', `Patchset ${current} is newer.`);
  }
  let aborted = 0;
  if (decision.cancels === 'older-patchsets') {
    aborted = await tx.abortBuildsets(
      { connection, number: patchset.number },
      patchset.patchset,
      `Patchset ${patchset.patchset} came.`,
    );
    await closeHeldNotice(tx, patchset.project);
  }
  const started = await startBuildsets(flow, tx, { patchset, eventId: journaled.id, decision });
  if (started > 0) return tx.recordDecision(journaled.id, 'started', decision.reason);
  if (decision.action === 'run')
    return tx.recordDecision(journaled.id, 'ignored', `${patchsetName(patchset)} ${whyNone(decision)}`);
  return tx.recordDecision(journaled.id, aborted > 0 ? 'aborted' : 'ignored', decision.reason);
}

/** An operator's `enqueue` means what a recheck comment means; where no pipeline listens to comments, what a new patchset means. */
function decisionOf(flow: Flow, { event, connection, source }: JournaledEvent): Decision {
  const own = { connection, username: flow.reviews.get(connection)?.username ?? '' };
  if (source !== 'manual' || event.type !== 'patchset-created') return decide(event, flow.settings, own);
  const recheck = {
    ...event,
    type: 'comment-added',
    author: { username: undefined, name: 'the operator' },
    texts: ['recheck'],
    messageId: undefined,
  } as const;
  const asRecheck = decide(recheck, flow.settings, own);
  return asRecheck.action === 'run' ? asRecheck : { ...decide(event, flow.settings, own), cancels: 'none' };
}

function whyNone({ isOnce }: Decision): string {
  return isOnce ? 'is queued or running already, or has its result.' : 'is queued or running already.';
}

interface Started {
  readonly patchset: Patchset;
  readonly eventId: string;
  readonly decision: Decision;
}

async function startBuildsets(flow: Flow, tx: Store, { patchset, eventId, decision }: Started): Promise<number> {
  let started = 0;
  for (const { pipeline, jobs } of decision.runs) {
    const priority = flow.settings.pipelines.find((candidate) => candidate.name === pipeline)?.priority ?? 0;
    const inserted = await tx.insertBuildset({
      patchset,
      pipeline,
      priority,
      eventId,
      jobs,
      isOnce: decision.isOnce,
    });
    if (inserted) started += 1;
  }
  return started;
}

import { changeOf, isBranchEvent } from '../domain/event.ts';
import type { ChangeEvent } from '../domain/event.ts';
import { patchsetName } from '../domain/patchset.ts';
import type { Patchset } from '../domain/patchset.ts';
import { supersedeRules, supersedes } from '../domain/supersede.ts';
import { decide } from '../domain/trigger.ts';
import type { Decision } from '../domain/trigger.ts';
import type { DecidedEvent, JournaledEvent } from '../ports/journal-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { decideBranchEvent } from './decide-branch-event.ts';
import { startBuildsets } from './start-buildsets.ts';
import type { StartedBuildsets } from './start-buildsets.ts';

const batchSize = 100;

type Outcome = Omit<DecidedEvent, 'eventId'>;

/** 2. Trigger: turns journaled events into buildsets, or notes why not. One transaction, so a crash decides nothing by half. */
export async function decideEvents(flow: Flow): Promise<boolean> {
  return flow.store.transaction(async (tx) => {
    // An undone decision is made again.
    await tx.commitLazily();
    // Another process would take later events of the same changes meanwhile, and an abandoned change would be run.
    await tx.lock('decide events');
    const events = await tx.undecidedEvents(batchSize);
    // Events of one change are decided in their order: after one that must wait, the others wait too.
    const waiting = new Set<string>();
    const decided: DecidedEvent[] = [];
    for (const event of events) {
      const change = changeKey(event);
      if (waiting.has(change)) continue;
      const outcome = await decideEvent(flow, tx, event);
      if (outcome === 'waits') waiting.add(change);
      else decided.push({ eventId: event.id, ...outcome });
    }
    await tx.recordDecisions(decided);
    return events.length === batchSize;
  });
}

function changeKey({ event, connection }: JournaledEvent): string {
  if (isBranchEvent(event)) return `${connection} ${event.tip.project} ${event.tip.branch}`;
  return `${connection} ${changeOf(event).number}`;
}

type OnChange = JournaledEvent & { readonly event: ChangeEvent };

/** `waits`: for the files of its patchset. */
async function decideEvent(flow: Flow, tx: Store, journaled: JournaledEvent): Promise<'waits' | Outcome> {
  const { event } = journaled;
  if (isBranchEvent(event)) return decideBranchEvent(flow, tx, { eventId: journaled.id, event });
  return decideChangeEvent(flow, tx, { ...journaled, event });
}

async function decideChangeEvent(flow: Flow, tx: Store, journaled: OnChange): Promise<'waits' | Outcome> {
  const { event, connection } = journaled;
  const decision = decisionOf(flow, journaled);
  if (!('patchset' in event)) {
    const aborted =
      decision.cancels === 'change'
        ? await tx.abortBuildsets({ connection, number: event.change.number }, undefined, decision.reason)
        : 0;
    if (decision.cancels === 'change') await tx.closeHeldNotice(event.change.project);
    return { decision: aborted > 0 ? 'aborted' : 'ignored', reason: decision.reason };
  }

  const { patchset } = event;
  if (decision.action === 'ignore') return { decision: 'ignored', reason: decision.reason };
  const current = await tx.saveCurrentPatchset(patchset);
  if (current > patchset.patchset && !runsOlder(journaled)) {
    return { decision: 'ignored', reason: `Patchset ${current} is newer.` };
  }
  let aborted = 0;
  if (decision.cancels === 'older-patchsets') {
    aborted = await tx.abortBuildsets(
      { connection, number: patchset.number },
      patchset.patchset,
      `Patchset ${patchset.patchset} came.`,
    );
    await tx.closeHeldNotice(patchset.project);
  }
  if (mustWait(decision, journaled)) {
    await tx.askForFiles(journaled.id);
    return 'waits';
  }
  const result = await startBuildsets(flow, tx, { tested: patchset, eventId: journaled.id, decision });
  const outcome = outcomeOf(decision, patchset, result);
  return decision.action !== 'run' && aborted > 0 ? { ...outcome, decision: 'aborted' } : outcome;
}

function outcomeOf(decision: Decision, patchset: Patchset, { started, kept }: StartedBuildsets): Outcome {
  if (started > 0) return { decision: 'started', reason: [decision.reason, ...kept].join(' ') };
  if (decision.action !== 'run') return { decision: 'ignored', reason: decision.reason };
  return { decision: 'ignored', reason: kept.join(' ') || `${patchsetName(patchset)} ${whyNone(decision)}` };
}

/** An operator's `enqueue` means what a recheck comment means; where no pipeline listens to comments, what a new patchset means. */
function decisionOf(flow: Flow, { event, connection, files, source }: OnChange): Decision {
  const own = { connection, username: flow.reviews.get(connection)?.username ?? '' };
  if (source !== 'manual' || event.type !== 'patchset-created') return decide(event, flow.settings, own, files);
  const recheck = {
    ...event,
    type: 'comment-added',
    author: { username: undefined, name: 'the operator' },
    texts: ['recheck'],
    messageId: undefined,
  } as const;
  const asRecheck = decide(recheck, flow.settings, own);
  return asRecheck.action === 'run'
    ? asRecheck
    : { ...decide(event, flow.settings, own), ...supersedes('enqueue'), keeps: undefined };
}

/** Who asks with `enqueue` has chosen the patchset, whatever it touches. */
function mustWait({ action, asksForFiles }: Decision, { files, source }: JournaledEvent): boolean {
  return action === 'run' && asksForFiles === true && files === undefined && source !== 'manual';
}

function runsOlder({ source }: JournaledEvent): boolean {
  return source === 'manual' && supersedeRules.enqueue.ofOlderPatchset === 'runs';
}

function whyNone({ isOnce }: Decision): string {
  return isOnce ? 'is queued or running already, or has its result.' : 'is queued or running already.';
}

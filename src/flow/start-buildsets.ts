import { isPatchset } from '../domain/tested-ref.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import type { Decision } from '../domain/trigger.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

interface Started {
  readonly tested: TestedRef;
  readonly eventId: string;
  readonly decision: Pick<Decision, 'runs' | 'isOnce' | 'keeps' | 'raise'>;
}

export interface StartedBuildsets {
  readonly started: number;
  /** Why nothing was started in a pipeline: a sentence each. */
  readonly kept: readonly string[];
}

/** One buildset for each pipeline; none where what is tested is queued, runs or has its result already. */
export async function startBuildsets(
  flow: Flow,
  tx: Store,
  { tested, eventId, decision }: Started,
): Promise<StartedBuildsets> {
  let started = 0;
  const kept: string[] = [];
  for (const { pipeline, jobs } of decision.runs) {
    const keptFrom =
      decision.keeps && isPatchset(tested) && (await tx.findKeptVerdict(tested, pipeline, decision.keeps));
    if (keptFrom) {
      kept.push(`No code changed since patchset ${keptFrom}: its result in ${pipeline} counts.`);
      continue;
    }
    const priority = flow.settings.pipelines.find((candidate) => candidate.name === pipeline)?.priority ?? 0;
    const inserted = await tx.insertBuildset({
      tested,
      pipeline,
      priority: priority + (decision.raise ?? 0),
      eventId,
      jobs,
      isOnce: decision.isOnce,
      carries: flow.settings.jobs.some(({ carry, name }) => carry && carry.length > 0 && jobs.includes(name)),
    });
    if (inserted) started += 1;
  }
  return { started, kept };
}

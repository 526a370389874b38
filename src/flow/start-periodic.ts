import type { Pipeline } from '../domain/settings.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { HeardEvent } from '../ports/journal-store.ts';
import { lastTime } from '../shared/cron.ts';
import { configuredTips } from './configured-tips.ts';
import type { Flow } from './context.ts';
import { journalEvents } from './journal-events.ts';

/**
 * 1d. Start periodic: journals an event for each branch when the time of a pipeline has come. A time that passed while nothing ran, or while Gerrit
 * did not answer, is made up for once. The journal keeps one event of each time, whoever writes it.
 */
export function createPeriodicStarter(flow: Flow, review: CodeReview): () => Promise<void> {
  const begun = new Map<string, number>();
  return async () => {
    for (const pipeline of flow.settings.pipelines) {
      const due = dueTime(pipeline, Date.now());
      if (due === undefined || begun.get(pipeline.name) === due) continue;
      await journalEvents(flow, await periodicEvents(flow, review, pipeline, due));
      begun.set(pipeline.name, due);
    }
  };
}

/** The last of its times that has come (ms since 1970); undefined: it has none. */
function dueTime({ triggers }: Pipeline, now: number): number | undefined {
  const times = triggers.flatMap((trigger) =>
    trigger.event === 'periodic' ? (lastTime(trigger.times, now) ?? []) : [],
  );
  return times.length > 0 ? Math.max(...times) : undefined;
}

async function periodicEvents(
  flow: Flow,
  review: CodeReview,
  pipeline: Pipeline,
  due: number,
): Promise<readonly HeardEvent[]> {
  const tips = await configuredTips(flow, review, [pipeline]);
  return tips.map((tip) => ({
    connection: review.name,
    key: `periodic:${pipeline.name}:${new Date(due).toISOString()}:${tip.project}:${tip.branch}`,
    source: 'timer',
    event: { type: 'periodic', tip, pipeline: pipeline.name, createdAt: due },
  }));
}

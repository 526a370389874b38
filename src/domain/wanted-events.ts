import type { ReviewEvent } from './event.ts';
import type { Pipeline } from './settings.ts';

/** These end builds, or start most of them. */
const always = ['patchset-created', 'comment-added', 'change-abandoned', 'change-merged'] as const;

/** What Gerrit shall tell of: no more than some pipeline waits for. */
export function wantedEvents(pipelines: readonly Pipeline[]): readonly ReviewEvent['type'][] {
  const triggers = pipelines.flatMap(({ triggers: own }) => own.map(({ event }) => event));
  const others = triggers.filter((event) => event !== 'recheck' && event !== 'approval');
  return [...new Set<ReviewEvent['type']>([...always, ...others])];
}

import type { StreamedType } from './event.ts';
import type { Pipeline, TriggerRule } from './settings.ts';

/** These end builds, or start most of them. */
const always = ['patchset-created', 'comment-added', 'change-abandoned', 'change-merged'] as const;

/** What Gerrit shall tell of: no more than some pipeline waits for. */
export function wantedEvents(pipelines: readonly Pipeline[]): readonly StreamedType[] {
  const others = pipelines.flatMap(({ triggers }) => triggers.flatMap(({ event }) => streamed(event)));
  return [...new Set<StreamedType>([...always, ...others])];
}

function streamed(event: TriggerRule['event']): readonly StreamedType[] {
  switch (event) {
    case 'recheck':
    case 'approval':
    case 'periodic':
      return [];
    case 'patchset-created':
    case 'change-restored':
    case 'ready-for-review':
    case 'made-public':
    case 'ref-updated':
      return [event];
  }
}

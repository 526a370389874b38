import type { RunningBuild } from '../ports/build-store.ts';
import type { Flow } from './context.ts';

/** Fires when somebody asked the build to stop: a newer patchset, an abandoned change, the operator. */
export function watchCancel(flow: Flow, build: RunningBuild): { readonly signal: AbortSignal; stop(): void } {
  const cancelled = new AbortController();
  if (build.cancelReason !== undefined) cancelled.abort();
  const look = async () => {
    const now = await flow.store.findBuild(build.id);
    if (now?.cancelReason !== undefined) cancelled.abort();
  };
  const silence = flow.signals.on('cancel', () => void look().catch(() => {}));
  // A signal that came before we listened, or that a broken connection swallowed.
  const timer = setInterval(() => void look().catch(() => {}), 10_000);
  return {
    signal: cancelled.signal,
    stop: () => {
      silence();
      clearInterval(timer);
    },
  };
}

import type { Flow } from './context.ts';

/** 9. Take over: what a dead process held goes on here. Its session lock is free, so it can neither write nor come back. */
export async function takeOver(flow: Flow): Promise<void> {
  const dead = await flow.store.deadProcesses(flow.self);
  for (const process of dead) {
    const builds = await flow.store.transaction((tx) => tx.takeOver(process, flow.self));
    flow.logger.warn({ process, builds: builds.length }, 'a dead process is taken over');
    await flow.builds.resume(builds);
  }
}

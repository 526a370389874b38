import type { Flow } from './context.ts';

/** How long a build of this process may be without a workflow that runs before it is resumed (ms). */
const idlePatience = 15_000;

/**
 * 9. Take over: what a dead process held goes on here. Its session lock is free, so it can neither write nor come back. Builds of this
 * process that nothing works on (the database refused the workflow's start, say) are resumed too.
 */
export function createTakeOver(flow: Flow): () => Promise<void> {
  const idleSince = new Map<string, number>();
  return async () => {
    for (const process of await flow.store.deadProcesses(flow.self)) {
      const builds = await flow.store.transaction((tx) => tx.takeOver(process, flow.self));
      if (builds.length > 0)
        flow.logger.warn({ process, builds: builds.length }, 'builds of a dead process are taken over');
      await flow.builds.resume(builds);
    }
    await resumeIdleBuilds(flow, idleSince);
  };
}

async function resumeIdleBuilds(flow: Flow, idleSince: Map<string, number>): Promise<void> {
  const ours = await flow.store.runningBuildsOf(flow.self);
  const idle = ours.filter((build) => !flow.active.has(build));
  for (const build of idleSince.keys()) if (!idle.includes(build)) idleSince.delete(build);
  for (const build of idle) {
    const since = idleSince.get(build) ?? Date.now();
    idleSince.set(build, since);
    if (Date.now() - since < idlePatience) continue;
    flow.logger.warn({ build }, 'a build that nothing works on is resumed');
    idleSince.delete(build);
    await flow.builds.resume([build]);
  }
}

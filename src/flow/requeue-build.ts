import { oneLine } from '../domain/sanitize.ts';
import type { BuildContext } from './run-build.ts';

/** Until the next look at the quotas (ms). */
const pause = 10_000;
const maxReason = 500;

/**
 * Other users of the project were faster than the last look at the quota said. The build waits again, with its place in the queue and
 * without an attempt less. False when it shall stop, or when another process has it.
 */
export async function requeueBuild({ flow, build, lease }: BuildContext, reason: string): Promise<boolean> {
  return flow.store.transaction(async (tx) => {
    const isQueued = await tx.requeueBuild(lease, oneLine(`room in the cloud: ${reason}`, maxReason), pause);
    if (isQueued) await tx.saveNotice({ code: 'cloud-quota', subject: build.job, text: reason });
    return isQueued;
  });
}

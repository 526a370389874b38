import { expect } from 'vitest';
import { sleep } from '../../../shared/clock.ts';
import type { Cloud, ServerRemains } from '../../../ports/cloud.ts';

export async function waitForStatus(
  cloud: Cloud,
  id: string,
  { status, patience }: { readonly status: string | undefined; readonly patience: number },
): Promise<void> {
  await expect
    .poll(async () => (await cloud.showServer(id))?.status, { timeout: patience, interval: 100 })
    .toBe(status);
}

/** Step by step, as the flow does it. Answers the number of steps. */
export async function removeServerFully(
  cloud: Cloud,
  remains: ServerRemains,
  { patience, force = false }: { readonly patience: number; readonly force?: boolean },
): Promise<number> {
  const until = performance.now() + patience;
  for (let steps = 1; ; steps += 1) {
    if (await cloud.removeServer(remains, force)) return steps;
    if (performance.now() > until) throw new Error(`something of server ${remains.mark.server} is still there`);
    await sleep(100);
  }
}

/** Removes everything with this owner's mark. */
export async function removeAll(cloud: Cloud, owner: string, patience: number): Promise<void> {
  const marked = await cloud.listMarked(owner);
  const servers = new Set(marked.filter(({ kind }) => kind !== 'image').map(({ of }) => of));
  for (const server of servers) {
    if (server === undefined) continue;
    await removeServerFully(cloud, { id: undefined, mark: { owner, server }, place: undefined }, { patience });
  }
  for (const resource of await cloud.listMarked(owner)) await cloud.deleteMarked(resource);
}

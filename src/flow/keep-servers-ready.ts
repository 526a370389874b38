import { planPool } from '../domain/pool.ts';
import type { NewServer, PlacedServer } from '../ports/server-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { inConfiguredClouds, newServer, readPlacement } from './order-server.ts';

/** Pause after a server of a label failed to boot (ms): a cloud in trouble is not hammered. */
const pauseAfterFailure = 30_000;
/** Servers for the pool that boot in one cloud at the same time: a large pool must not keep builds waiting for API requests. */
const bootsAtOnce = 50;
/** Between two rounds (ms): each reads all servers, and with thousands of them something changes all the time. */
const pauseBetween = 1000;

/** Keeps `min_ready` servers of each label booted and waiting, none of them older than `max_age`. */
export function createPoolKeeper(flow: Flow): () => Promise<void> {
  const failedAt = new Map<string, number>();
  let nextRound = 0;
  const isPooled = flow.settings.labels.some(({ minReady, maxAge }) => minReady > 0 || maxAge !== undefined);
  return async () => {
    if (!isPooled) return;
    await sleep(nextRound - Date.now());
    nextRound = Date.now() + pauseBetween;
    await flow.store.transaction(async (tx) => {
      await tx.lock('admission');
      const servers = inConfiguredClouds(flow, await tx.placedServers());
      noteFailures(servers, failedAt);
      const booting = countBoots(servers);
      const placement = await readPlacement(flow, tx, servers);
      for (const label of flow.settings.labels) {
        const plan = planPool(label, servers, Date.now());
        for (const id of plan.tooOld)
          await tx.releaseServer(id, { code: undefined, detail: 'It waited longer than max_age.' });
        if (Date.now() - (failedAt.get(label.name) ?? 0) < pauseAfterFailure) continue;
        const ordered: NewServer[] = [];
        for (let missing = plan.missing; missing > 0; missing -= 1) {
          const spot = placement.take(label);
          if (typeof spot === 'string') break;
          const boots = booting.get(spot.cloud) ?? 0;
          if (boots >= bootsAtOnce) break;
          booting.set(spot.cloud, boots + 1);
          ordered.push(await newServer(flow, tx, { label: label.name, spot, purpose: 'build' }));
        }
        await tx.insertServers(ordered);
      }
    });
  };
}

/** By cloud, those that no build waits for. */
function countBoots(servers: readonly PlacedServer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { state, build, cloud } of servers)
    if (state === 'building' && build === undefined) counts.set(cloud, (counts.get(cloud) ?? 0) + 1);
  return counts;
}

function noteFailures(servers: readonly PlacedServer[], failedAt: Map<string, number>): void {
  for (const { state, label, errorCode: code } of servers) {
    if (state === 'deleting' && code !== undefined && !failedAt.has(label)) failedAt.set(label, Date.now());
  }
  for (const [label, at] of failedAt) if (Date.now() - at > pauseAfterFailure) failedAt.delete(label);
}

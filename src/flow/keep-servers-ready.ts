import { planPool } from '../domain/pool.ts';
import type { PlacedServer } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { orderServer, readPlacement } from './order-server.ts';

/** Pause after a server of a label failed to boot (ms): a cloud in trouble is not hammered. */
const pauseAfterFailure = 30_000;

/** Keeps `min_ready` servers of each label booted and waiting, none of them older than `max_age`. */
export function createPoolKeeper(flow: Flow): () => Promise<void> {
  const failedAt = new Map<string, number>();
  const isPooled = flow.settings.labels.some(({ minReady, maxAge }) => minReady > 0 || maxAge !== undefined);
  return async () => {
    if (!isPooled) return;
    await flow.store.transaction(async (tx) => {
      await tx.lock('admission');
      const servers = await tx.placedServers();
      noteFailures(servers, failedAt);
      const placement = await readPlacement(flow, tx, servers);
      for (const label of flow.settings.labels) {
        const plan = planPool(label, servers, Date.now());
        for (const id of plan.tooOld)
          await tx.releaseServer(id, { code: undefined, detail: 'It waited longer than max_age.' });
        if (Date.now() - (failedAt.get(label.name) ?? 0) < pauseAfterFailure) continue;
        for (let missing = plan.missing; missing > 0; missing -= 1) {
          const spot = placement.take(label);
          if (typeof spot === 'string') break;
          await orderServer(flow, tx, { label: label.name, spot, purpose: 'build' });
        }
      }
    });
  };
}

function noteFailures(servers: readonly PlacedServer[], failedAt: Map<string, number>): void {
  for (const { state, label, errorCode: code } of servers) {
    if (state === 'deleting' && code !== undefined && !failedAt.has(label)) failedAt.set(label, Date.now());
  }
  for (const [label, at] of failedAt) if (Date.now() - at > pauseAfterFailure) failedAt.delete(label);
}

import type { ServerLabel } from '../domain/settings.ts';
import type { ServerRecord } from '../ports/store.ts';
import { orderServer } from './admit-builds.ts';
import type { Flow } from './context.ts';

/** Pause after a server of a label failed to boot (ms): a cloud in trouble is not hammered. */
const pauseAfterFailure = 30_000;

/** Keeps `min_ready` servers of each label booted and waiting. */
export function createPoolKeeper(flow: Flow): () => Promise<void> {
  const failedAt = new Map<string, number>();
  return async () => {
    await flow.store.transaction(async (tx) => {
      await tx.lock('admission');
      const servers = await tx.aliveServers();
      noteFailures(servers, failedAt);
      for (const label of flow.settings.labels) {
        if (Date.now() - (failedAt.get(label.name) ?? 0) < pauseAfterFailure) continue;
        for (let missing = missingServers(label, servers); missing > 0; missing -= 1)
          await orderServer(flow, tx, label.name);
      }
    });
  };
}

function missingServers(label: ServerLabel, servers: readonly ServerRecord[]): number {
  const ours = servers.filter((server) => server.label === label.name);
  const waiting = ours.filter(
    ({ state, build }) => build === undefined && (state === 'ready' || state === 'building'),
  ).length;
  return Math.min(label.minReady - waiting, label.max - ours.length);
}

function noteFailures(servers: readonly ServerRecord[], failedAt: Map<string, number>): void {
  for (const { state, label, errorCode: code } of servers) {
    if (state === 'deleting' && code !== undefined && !failedAt.has(label)) failedAt.set(label, Date.now());
  }
  for (const [label, at] of failedAt) if (Date.now() - at > pauseAfterFailure) failedAt.delete(label);
}

import { countMissing } from '../domain/pool.ts';
import type { Placement } from '../domain/placement.ts';
import type { ServerLabel } from '../domain/settings.ts';
import type { BootFailure, NewServer, ServerGroup } from '../ports/server-store.ts';
import type { Store } from '../ports/store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { inConfiguredClouds, newServer, readPlacement } from './order-server.ts';

/** Pause after a server of a label failed to boot (ms): a cloud in trouble is not hammered. */
const pauseAfterFailure = 30_000;
/** Servers for the pool that boot in one cloud at the same time: a large pool must not keep builds waiting for API requests. */
const bootsAtOnce = 50;
/** Between two rounds (ms): each counts all servers, and with thousands of them something changes all the time. */
const pauseBetween = 1000;

/** Keeps `min_ready` servers of each label booted and waiting, none of them older than `max_age`. */
export function createPoolKeeper(flow: Flow): () => Promise<void> {
  let nextRound = 0;
  const pooled = flow.settings.labels.filter(({ minReady, maxAge }) => minReady > 0 || maxAge !== undefined);
  return async () => {
    if (pooled.length === 0) return;
    await sleep(Math.max(0, nextRound - Date.now()));
    nextRound = Date.now() + pauseBetween;
    await flow.store.transaction(async (tx) => {
      await tx.lock('admission');
      const groups = inConfiguredClouds(flow, await tx.serverGroups());
      const failures = await tx.recentBootFailures();
      const room = { placement: await readPlacement(flow, tx, groups, failures), boots: countBoots(groups) };
      const paused = labelsInTrouble(failures);
      const ordered: NewServer[] = [];
      for (const label of pooled) {
        const overdue = await releaseOverdue(tx, label);
        const missing = paused.has(label.name) ? 0 : countMissing(label, poolOf(label, groups, overdue));
        ordered.push(...(await fillUp(flow, tx, { label, missing, room })));
      }
      await tx.insertServers(ordered);
    });
  };
}

/** Returns how many. They stay in the counts that were read before. */
async function releaseOverdue(tx: Store, { name, maxAge }: ServerLabel): Promise<number> {
  if (maxAge === undefined) return 0;
  const overdue = await tx.overdueServers(name, maxAge);
  for (const id of overdue) await tx.releaseServer(id, { code: undefined, detail: 'It waited longer than max_age.' });
  return overdue.length;
}

function poolOf(label: ServerLabel, groups: readonly ServerGroup[], overdue: number) {
  const ours = groups.filter((group) => group.label === label.name);
  return { all: sum(ours, 'count'), waiting: sum(ours, 'waiting') - overdue };
}

interface Wanted {
  readonly label: ServerLabel;
  readonly missing: number;
  readonly room: { readonly placement: Placement; readonly boots: Map<string, number> };
}

async function fillUp(flow: Flow, tx: Store, { label, missing, room }: Wanted): Promise<readonly NewServer[]> {
  const ordered: NewServer[] = [];
  while (ordered.length < missing) {
    const spot = room.placement.take(label);
    if (typeof spot === 'string') break;
    const boots = room.boots.get(spot.cloud) ?? 0;
    if (boots >= bootsAtOnce) break;
    room.boots.set(spot.cloud, boots + 1);
    ordered.push(await newServer(flow, tx, { label: label.name, spot, purpose: 'build' }));
  }
  return ordered;
}

/** By cloud, those that no build waits for. */
function countBoots(groups: readonly ServerGroup[]): Map<string, number> {
  const boots = new Map<string, number>();
  for (const { cloud, booting } of groups) boots.set(cloud, (boots.get(cloud) ?? 0) + booting);
  return boots;
}

function labelsInTrouble(failures: readonly BootFailure[]): ReadonlySet<string> {
  return new Set(failures.filter(({ age }) => age < pauseAfterFailure).map(({ label }) => label));
}

function sum(groups: readonly ServerGroup[], count: 'count' | 'waiting' | 'booting'): number {
  return groups.reduce((total, group) => total + group[count], 0);
}

import type { ServerLabel } from './settings.ts';

export interface PooledServer {
  readonly id: string;
  readonly label: string;
  readonly purpose: string;
  readonly state: string;
  /** The build it belongs to. */
  readonly build: string | undefined;
  /** When it came into its state, ms since 1970. */
  readonly since: number;
}

export interface PoolPlan {
  /** Ids of waiting servers that are too old. */
  readonly tooOld: readonly string[];
  /** Servers to boot so that `min_ready` wait. */
  readonly missing: number;
}

/** What a label's pool needs. `servers` are all that are not deleted; a build keeps its server however old it gets. */
export function planPool(label: ServerLabel, servers: readonly PooledServer[], now: number): PoolPlan {
  const ours = servers.filter((server) => server.label === label.name);
  const waiting = ours.filter(isWaiting);
  const tooOld = waiting.filter(({ state, since }) => state === 'ready' && now - since > (label.maxAge ?? Infinity));
  const missing = Math.min(label.minReady - (waiting.length - tooOld.length), label.max - ours.length);
  return { tooOld: tooOld.map(({ id }) => id), missing: Math.max(0, missing) };
}

function isWaiting({ purpose, state, build }: PooledServer): boolean {
  return purpose === 'build' && build === undefined && (state === 'ready' || state === 'building');
}

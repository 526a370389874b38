import { maintenanceAt } from '../domain/maintenance.ts';
import type { BackendSettings, Room } from '../domain/settings.ts';
import type { BackendState } from '../ports/slot-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

/** Which back ends take no builds, and what room the systems have. */
export interface BackendsNow {
  readonly closed: ReadonlyMap<string, string>;
  readonly room: ReadonlyMap<string, Room>;
}

export async function readBackends({ settings }: Flow, tx: Store): Promise<BackendsNow> {
  const states = new Map((await tx.backendStates()).map((state) => [state.name, state]));
  const closed = new Map<string, string>();
  const room = new Map<string, Room>();
  for (const backend of settings.backends) {
    const state = states.get(backend.name);
    const reason = whyClosed(backend, state);
    if (reason !== undefined) closed.set(backend.name, reason);
    if (state?.free) room.set(backend.system, least(room.get(backend.system), state.free));
  }
  return { closed, room };
}

type Shown = Pick<BackendState, 'healthy' | 'detail'> & {
  readonly drained: { readonly by: string; readonly reason: string } | undefined;
};

/** Undefined: it takes builds. */
export function whyClosed(
  backend: Pick<BackendSettings, 'name' | 'maintenance'>,
  state: Shown | undefined,
): string | undefined {
  const window = maintenanceAt(backend.maintenance, Date.now());
  if (window) return `${backend.name} is in maintenance until ${utcText(window.until)}: ${window.reason}`;
  if (state?.drained) return `${backend.name} was taken out of use by ${state.drained.by}: ${state.drained.reason}`;
  return state && !state.healthy ? `${backend.name} is out of order: ${state.detail}` : undefined;
}

function utcText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Two back ends of one system may have looked at different times. */
function least(one: Room | undefined, other: Room): Room {
  return one ? { memory: Math.min(one.memory, other.memory), disk: Math.min(one.disk, other.disk) } : other;
}

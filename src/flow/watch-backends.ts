import { errorText } from '../domain/errors.ts';
import { maintenanceAt } from '../domain/maintenance.ts';
import type { Backend } from '../ports/backend.ts';
import type { Flow } from './context.ts';

/** Between looks at a back end (ms); a sick one holds builds up. */
const pauseWhenWell = 15_000;
const pauseWhenSick = 3000;

/**
 * Looks after the back ends: a sick one gets no builds until it is well again, and guests that appear in a slot nobody uses (Feilong may
 * finish a worker's last request seconds after the sweep) make the slot dirty again.
 */
export function createBackendWatch(flow: Flow): () => Promise<void> {
  const due = new Map<string, number>();
  return async () => {
    const waiting = [...flow.backends.values()].filter(({ name }) => (due.get(name) ?? 0) <= Date.now());
    await Promise.all(
      waiting.map(async (backend) => {
        const isWell = await watchBackend(flow, backend);
        due.set(backend.name, Date.now() + (isWell ? pauseWhenWell : pauseWhenSick));
      }),
    );
  };
}

/** A look out of turn, when it matters: an outage may be younger than the last one. */
export async function lookAtBackend(flow: Flow, name: string): Promise<void> {
  const backend = flow.backends.get(name);
  if (backend) await watchBackend(flow, backend);
}

async function watchBackend(flow: Flow, backend: Backend): Promise<boolean> {
  try {
    const began = Date.now();
    const { text, free } = await backend.checkHealth();
    const detail = `${text}; answers in ${Date.now() - began} ms`;
    await flow.store.saveBackendHealth(backend.name, { healthy: true, detail, free });
    await flow.store.closeNotice('backend-sick', backend.name);
    await findGuestsInFreeSlots(flow, backend);
    return true;
  } catch (error) {
    await flow.store.saveBackendHealth(backend.name, { healthy: false, detail: errorText(error) });
    await tellSick(flow, backend.name, errorText(error));
    return false;
  }
}

/** Whoever took it out of use knows. */
async function tellSick({ store, settings }: Flow, name: string, trouble: string): Promise<void> {
  const backend = settings.backends.find((one) => one.name === name);
  const inMaintenance = backend && maintenanceAt(backend.maintenance, Date.now());
  const state = (await store.backendStates()).find((one) => one.name === name);
  if (inMaintenance || state?.drained) return store.closeNotice('backend-sick', name);
  await store.saveNotice({ code: 'backend-sick', subject: name, text: `${name}: ${trouble}` });
}

async function findGuestsInFreeSlots(flow: Flow, backend: Backend): Promise<void> {
  const slots = await flow.store.slots();
  const free = slots.filter((slot) => slot.backend === backend.name && slot.state === 'free');
  const found = await backend.findStrays(free.map(({ prefix }) => prefix));
  for (const slot of free) {
    const strays = found.get(slot.prefix) ?? [];
    if (strays.length > 0) await flow.store.markSlotDirty(slot, `found ${strays.join(', ')} while the slot was free`);
  }
}

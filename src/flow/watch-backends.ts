import { errorText } from '../domain/errors.ts';
import type { Backend } from '../ports/backend.ts';
import type { Flow } from './context.ts';

/**
 * Looks after the back ends: a sick one gets no builds until it is well again, and guests that appear in a slot nobody uses (Feilong may
 * finish a worker's last request seconds after the sweep) make the slot dirty again.
 */
export async function watchBackends(flow: Flow): Promise<void> {
  await Promise.all([...flow.backends.values()].map((backend) => watchBackend(flow, backend)));
}

async function watchBackend(flow: Flow, backend: Backend): Promise<void> {
  try {
    const { host, version, diskAvailable, memoryFree } = await backend.checkHealth();
    const detail = `${host}, ${version}; free: ${diskAvailable} GiB of disk, ${Math.round(memoryFree / 1024)} GiB of memory`;
    await flow.store.saveBackendHealth(backend.name, { healthy: true, detail });
    await flow.store.closeNotice('backend-sick', backend.name);
    await findGuestsInFreeSlots(flow, backend);
  } catch (error) {
    await flow.store.saveBackendHealth(backend.name, { healthy: false, detail: errorText(error) });
    await flow.store.saveNotice({
      code: 'backend-sick',
      subject: backend.name,
      text: `${backend.name}: ${errorText(error)}`,
    });
  }
}

async function findGuestsInFreeSlots(flow: Flow, backend: Backend): Promise<void> {
  for (const slot of await flow.store.slots()) {
    if (slot.backend !== backend.name || slot.state !== 'free') continue;
    const guests = await backend.listGuests(slot.prefix);
    if (guests.length > 0) await flow.store.markSlotDirty(slot, `found ${guests.join(', ')} while the slot was free`);
  }
}

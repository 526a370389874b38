import type { BackendSettings, SlotSettings } from '../settings.ts';

/** For tests: slots without anything but their prefix. */
export function plainSlots(...prefixes: readonly string[]): readonly SlotSettings[] {
  return prefixes.map((prefix) => ({ prefix, variables: {} }));
}

/** For tests: a shared z/VM that workers reach directly. */
export const plainBackend: BackendSettings = {
  name: 'lpar1',
  kind: 'shared',
  system: 'lpar1',
  driver: { kind: 'feilong', url: 'http://feilong', guard: undefined, deploys: 10 },
  slots: plainSlots('ZA0', 'ZB0'),
  worker: { memory: 0, disk: 0 },
  maintenance: [],
};

import { createFeilongBackend } from '../../src/adapters/zvm/create-feilong-backend.ts';
import { plainBackend } from '../../src/domain/testing/backends.ts';
import type { BackendSettings } from '../../src/domain/settings.ts';
import type { BuildContext } from '../../src/flow/run-build.ts';

/** The same build, with the Feilong of its back end at `url`. */
export function onFeilong(context: BuildContext, url: string): BuildContext {
  const backend: BackendSettings = { ...plainBackend, driver: { kind: 'feilong', url, guard: undefined, deploys: 10 } };
  const settings = { ...context.flow.settings, backends: [backend] };
  const backends = new Map([[backend.name, createFeilongBackend({ name: backend.name, url })]]);
  return { ...context, flow: { ...context.flow, settings, backends } };
}

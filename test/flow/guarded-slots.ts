import { randomUUID } from 'node:crypto';
import { startZvmSimulator } from '../../simulators/zvm/server.ts';
import { newServer } from '../../src/adapters/sql/testing/sample-rows.ts';
import { createFeilongBackend } from '../../src/adapters/zvm/create-feilong-backend.ts';
import { createGuards } from '../../src/adapters/zvm/guard/create-guards.ts';
import { callAt } from '../../src/adapters/zvm/guard/testing/guarded.ts';
import type { Answered } from '../../src/adapters/zvm/guard/testing/guarded.ts';
import type { BackendSettings } from '../../src/domain/settings.ts';
import { plainBackend, plainSlots } from '../../src/domain/testing/backends.ts';
import type { LeasedSlot } from '../../src/domain/slot.ts';
import type { Flow } from '../../src/flow/context.ts';
import { createGuardKeeper } from '../../src/flow/keep-guards.ts';
import { prepareCloudFlow } from './cloud-flow.ts';
import type { CloudFlow } from './cloud-flow.ts';

/** Two workers with a guard each before one simulated z/VM, on a real database. */
export interface GuardedSlots {
  readonly prepared: CloudFlow;
  readonly flow: Flow;
  readonly feilong: string;
  readonly slots: readonly [LeasedSlot, LeasedSlot];
  /** A call of the worker in this slot through its guard; `route` is `METHOD /path`. */
  call(slot: LeasedSlot, route: string, body?: unknown): Promise<Answered>;
  stop(): Promise<void>;
}

/** `second`: the back end of the second slot; another one than the first's is another name for the same Feilong. */
export async function prepareGuardedSlots(second = 'lpar1'): Promise<GuardedSlots> {
  const simulator = await startZvmSimulator();
  const backends = backendsAt(simulator.url, second);
  const prepared = await prepareCloudFlow({ settings: { backends } });
  const { rows } = prepared;
  const guards = createGuards(backends.map(guardedBackend));
  const flow: Flow = {
    ...prepared.flow,
    guards,
    backends: new Map(backends.map(({ name }) => [name, createFeilongBackend({ name, url: simulator.url })])),
  };
  await rows.store.saveConfiguredSlots(backends);
  const slots = [
    await leaseSlot(prepared, { backend: 'lpar1', prefix: 'ZA' }),
    await leaseSlot(prepared, { backend: second, prefix: 'ZB' }),
  ] as const;
  const keeper = createGuardKeeper(flow);
  await keeper.keep();
  return {
    prepared,
    flow,
    feilong: simulator.url,
    slots,
    call: async (slot, route, body) => callAt((await rows.store.guardUrl(slot)) ?? '', route, body),
    stop: async () => {
      await keeper.stop();
      await prepared.drop();
      await simulator.close();
    },
  };
}

function backendsAt(url: string, second: string): readonly BackendSettings[] {
  const guard = { address: '127.0.0.1', ports: undefined, vswitches: undefined, tls: false };
  const driver = { kind: 'feilong', url, guard, deploys: 10 } as const;
  if (second === plainBackend.name) return [{ ...plainBackend, driver, slots: plainSlots('ZA', 'ZB') }];
  return [
    { ...plainBackend, driver, slots: plainSlots('ZA') },
    { ...plainBackend, name: second, driver, slots: plainSlots('ZB') },
  ];
}

function guardedBackend({ name, driver }: BackendSettings) {
  if (driver.kind !== 'feilong') throw new Error(`${name} is no z/VM`);
  return { name, driver, token: undefined, ca: undefined, certificate: undefined, key: undefined };
}

/** A running build whose server is this machine. */
async function leaseSlot({ rows, flow }: CloudFlow, slot: { backend: string; prefix: string }): Promise<LeasedSlot> {
  const [buildId = ''] = await rows.addBuildset();
  const serverId = randomUUID();
  await rows.store.insertServers([newServer(serverId, flow.self)]);
  await rows.database.pool.query(`update servers set state = 'ready', address = '127.0.0.1' where id = $1`, [serverId]);
  await rows.store.startBuilds([{ buildId, owner: flow.self, serverId, slot }]);
  await rows.store.takeBuild(buildId, flow.self);
  const leased = (await rows.store.slots()).find((one) => one.prefix === slot.prefix);
  return { ...slot, generation: leased!.generation };
}

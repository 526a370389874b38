import { startSimulatedStores } from '../../src/adapters/objects/testing/simulated-stores.ts';
import type { SimulatedStores } from '../../src/adapters/objects/testing/simulated-stores.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { Flow } from '../../src/flow/context.ts';
import { keepStoredLogs } from '../../src/flow/keep-stored-logs.ts';
import { createLogUploader } from '../../src/flow/upload-logs.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { prepareEndedBuilds } from './ended-builds.ts';
import type { EndedBuilds } from './ended-builds.ts';

const day = 86_400_000;

type StoredFlow = Pick<Flow, 'archive' | 'logger' | 'objects' | 'self' | 'settings' | 'store'>;

/** Builds that are over, on a real database, and an object store for their logs. */
export interface StoredBuilds extends EndedBuilds {
  readonly stores: SimulatedStores;
  readonly objects: ObjectStore;
  flow(logs?: Partial<Settings['logs']>, parts?: Partial<StoredFlow>): StoredFlow;
  /** One round of the uploader of some process. */
  upload(parts?: Partial<StoredFlow>): Promise<void>;
  /** Deletes local copies that are old enough. */
  leaveLocal(): Promise<void>;
  /** Names in the store. */
  stored(): readonly string[];
}

export async function prepareStoredBuilds(): Promise<StoredBuilds> {
  const builds = await prepareEndedBuilds();
  const stores = await startSimulatedStores();
  const objects = stores.swift();
  const keep = { passed: 60 * day, failed: 90 * day, infra: 60 * day, held: 120 * day };
  const flow: StoredBuilds['flow'] = (logs = {}, parts = {}) => ({
    archive: builds.archive,
    logger: createLogger('silent'),
    objects,
    self: '11111111-1111-4111-8111-111111111111',
    settings: { logs: { keep, disk: undefined, keepLocal: 7 * day, ...logs } } as Settings,
    store: builds.store,
    ...parts,
  });
  return {
    ...builds,
    stores,
    objects,
    flow,
    upload: (parts = {}) => createLogUploader(flow({}, parts), new AbortController().signal)(),
    leaveLocal: () => keepStoredLogs(flow()),
    stored: () => [...(stores.simulator.containers.values().next().value?.keys() ?? [])],
    drop: async () => {
      await stores.simulator.close();
      await builds.drop();
    },
  };
}

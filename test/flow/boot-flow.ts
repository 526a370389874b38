import { randomUUID } from 'node:crypto';
import { openCloud, place, startSimulatedCloud } from '../../src/adapters/openstack/testing/simulated-cloud.ts';
import type { SimulatedCloud } from '../../src/adapters/openstack/testing/simulated-cloud.ts';
import { createSampleRows, newServer } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { SampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import { plainLabel } from '../../src/domain/testing/labels.ts';
import type { Flow } from '../../src/flow/context.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';

/** Boots on a real database and a simulated cloud, by sidegate's own client. */
export interface BootFlow {
  readonly rows: SampleRows;
  readonly flow: Flow;
  readonly simulated: SimulatedCloud;
  /** Orders a server of a label with this time for a boot; a request to the cloud may take a minute. */
  readonly order: () => Promise<string>;
  drop(): Promise<void>;
}

export async function prepareBootFlow(bootTimeout: number): Promise<BootFlow> {
  const [rows, simulated] = await Promise.all([createSampleRows(), startSimulatedCloud()]);
  const self = await rows.addProcess();
  const installation = randomUUID();
  const { publicKey } = generateSshKey('boot-flow');
  const flow = {
    self,
    store: rows.store,
    settings: { labels: [{ ...plainLabel, places: [{ ...place, cloud: 'ci' }], bootTimeout }], clouds: [] },
    clouds: new Map([['ci', openCloud({ ...simulated.access, apiTimeout: 60_000 })]]),
    jobs: { checkLogin: async () => {} },
    installation,
    keypair: { name: `sidegate-${installation}-key`, publicKey },
    logger: createLogger('silent'),
  } as unknown as Flow;
  return {
    rows,
    flow,
    simulated,
    order: async () => {
      const id = randomUUID();
      await rows.store.insertServers([newServer(id, self)]);
      return id;
    },
    drop: async () => {
      await simulated.close();
      await rows.drop();
    },
  };
}

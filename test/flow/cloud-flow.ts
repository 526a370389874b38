import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignatureMatcher } from '../../src/domain/signatures/match-log.ts';
import { scrubbedLogs } from './scrubbed-logs.ts';
import { createSampleRows, newServer } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { SampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { Job, ServerLabel, Settings } from '../../src/domain/settings.ts';
import { plainLabel, plainPlace } from '../../src/domain/testing/labels.ts';
import type { Flow } from '../../src/flow/context.ts';
import type { Cloud } from '../../src/ports/cloud.ts';
import type { NewServer } from '../../src/ports/server-store.ts';
import { createLogger } from '../../src/shared/logger.ts';

export { patchsetOf } from '../../src/adapters/sql/testing/sample-rows.ts';

/** The loops that look after clouds and servers on a real database; what the clouds answer is the test's own. */
export interface CloudFlow {
  readonly rows: SampleRows;
  readonly flow: Flow;
  /** Builds whose workflow was started: `ID EPOCH`. */
  readonly started: string[];
  /** A server that is booting, with an id in Nova. */
  addServer(fields?: Partial<NewServer>): Promise<string>;
  notices(): Promise<readonly string[]>;
  counter(name: string): Promise<Readonly<Record<string, number>>>;
  drop(): Promise<void>;
}

export interface CloudAnswers {
  /** By name; without any there is one called `ci`. */
  readonly clouds?: Readonly<Record<string, Partial<Cloud>>>;
  readonly settings?: Partial<Settings>;
}

const plainLimits = {
  stormBrake: { failures: 5, resume: 'success' },
  hold: { maxTtl: 3_600_000, maxServers: 2 },
};

export const anyJob = { name: 'job', label: 'small', backend: undefined, attempts: 3 } as unknown as Job;

/** The plain label, with one place in each of these clouds. */
export function labelIn(clouds: readonly string[], changes: Partial<ServerLabel> = {}): ServerLabel {
  return { ...plainLabel, places: clouds.map((cloud) => ({ ...plainPlace, cloud })), ...changes };
}

const plainParts = {
  keypair: { name: 'sidegate-key', publicKey: 'ssh-ed25519 AAAA' },
  logsUrl: 'http://logs/',
  logger: createLogger('silent'),
  signatures: new SignatureMatcher([]),
};

export async function prepareCloudFlow({ clouds = { ci: {} }, settings }: CloudAnswers = {}): Promise<CloudFlow> {
  const rows = await createSampleRows();
  const self = await rows.addProcess();
  const started: string[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'cloud-flow-'));
  const names = Object.keys(clouds);
  const flow = {
    self,
    store: rows.store,
    settings: {
      name: 'Example z/VM CI',
      contact: 'ci@example.com',
      wikiUrl: undefined,
      pipelines: [],
      projects: [],
      labels: [labelIn(names)],
      clouds: names.map((name) => ({ name, maxServers: undefined, requestRate: 10, sweep: 'delete' })),
      jobs: [anyJob],
      backends: [],
      ...plainLimits,
      ...settings,
    },
    clouds: new Map(Object.entries(clouds).map(([name, answers]) => [name, cloudWith(name, answers)])),
    jobs: { disconnect: () => {} },
    builds: { start: async (build: string, epoch: number) => void started.push(`${build} ${epoch}`) },
    backends: new Map(),
    ...scrubbedLogs(directory),
    active: new Set(),
    signals: { on: () => () => {} },
    installation: randomUUID(),
    ...plainParts,
  } as unknown as Flow;
  return {
    rows,
    flow,
    started,
    addServer: async (fields) => {
      const id = randomUUID();
      await rows.store.insertServers([{ ...newServer(id, self), cloud: names[0]!, ...fields }]);
      await rows.store.saveNovaId(id, `nova-${id}`);
      return id;
    },
    notices: async () => {
      const query = `select code || ' ' || subject as notice from notices where closed_at is null order by 1`;
      const { rows: found } = await rows.database.pool.query<{ notice: string }>(query);
      return found.map(({ notice }) => notice);
    },
    counter: async (name) => {
      const query = `select subject, value::integer as value from counters where name = $1`;
      const { rows: found } = await rows.database.pool.query<{ subject: string; value: number }>(query, [name]);
      return Object.fromEntries(found.map(({ subject, value }) => [subject, value]));
    },
    drop: async () => {
      await rows.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** An empty, healthy cloud but for the answers. */
function cloudWith(name: string, answers: Partial<Cloud>): Partial<Cloud> {
  return {
    name,
    health: () => ({ state: 'closed', reason: '', until: undefined }),
    capacity: async () => ({ quotas: [], sizes: { flavor: { cores: 1, ram: 512 } } }),
    listMarked: async () => [],
    deleteMarked: async () => {},
    removeServer: async () => true,
    ...answers,
  };
}

import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '../../../../test/test-database.ts';
import type { TestDatabase } from '../../../../test/test-database.ts';
import { noDependencies } from '../../../domain/dependencies.ts';
import type { Patchset } from '../../../domain/patchset.ts';
import { plainBackend, plainSlots } from '../../../domain/testing/backends.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import type { BuildLease } from '../../../ports/build-store.ts';
import type { HeardEvent } from '../../../ports/journal-store.ts';
import type { NewServer } from '../../../ports/server-store.ts';
import type { Store } from '../../../ports/store.ts';
import { createSqlStore } from '../sql-store.ts';

/** A database of its own with the rows tests need around the one they are about. */
export interface SampleRows {
  readonly database: TestDatabase;
  readonly store: Store;
  /** A process without a session: dead for all others. */
  addProcess(): Promise<string>;
  addEvent(patchset?: Patchset): Promise<string>;
  /** No buildset so far depends on anything. */
  settleDependencies(): Promise<void>;
  /** A buildset for a new event, on which no other change bears; answers its builds' ids in the order of the jobs. */
  addBuildset(jobs?: readonly string[], patchset?: Patchset): Promise<readonly string[]>;
  /** A build that is running, with its server and the slot `lpar1 ZA0`, taken by its owner. */
  addRunning(job?: string): Promise<Running>;
  drop(): Promise<void>;
}

export interface Running {
  readonly lease: BuildLease;
  readonly owner: string;
  readonly server: string;
}

export const slot = { backend: 'lpar1', prefix: 'ZA0' };

export const success: Verdict = {
  result: 'SUCCESS',
  reason: '3 tests passed.',
  errorCode: undefined,
  tests: { passed: 3, failed: 0, skipped: 1 },
  failedTests: [],
};

export function patchsetOf(number: number, patchset = 1): Patchset {
  return {
    connection: 'review',
    project: 'openstack/nova',
    branch: 'master',
    number,
    changeId: `I${number}`,
    subject: 'A subject',
    owner: 'dev',
    url: `http://review/${number}`,
    patchset,
    revision: 'a'.repeat(40),
    ref: `refs/changes/01/${number}/${patchset}`,
  };
}

export function patchsetCreated(patchset: Patchset, key = `ps:${patchset.number},${patchset.patchset}`): HeardEvent {
  return {
    connection: patchset.connection,
    key,
    source: 'stream',
    event: { type: 'patchset-created', patchset, createdAt: 1_700_000_000_000 },
  };
}

export async function createSampleRows(): Promise<SampleRows> {
  const database = await createTestDatabase();
  const store = createSqlStore(database.pool);
  await store.saveConfiguredSlots([{ ...plainBackend, slots: plainSlots('ZA0', 'ZA1') }]);
  const changes = countFrom(1000);

  const addProcess = async () => {
    const id = randomUUID();
    await database.pool.query(`insert into processes (id, host, pid) values ($1, 'host', 1)`, [id]);
    return id;
  };
  const addEvent = async (patchset = patchsetOf(changes())) => {
    const key = randomUUID();
    await store.appendEvents([patchsetCreated(patchset, key)]);
    const { rows } = await database.pool.query<{ id: string }>(`select id from events where key = $1`, [key]);
    return rows[0]!.id;
  };
  const settleDependencies = async () => {
    const query = `update buildsets set dependencies = $1, dependencies_after = null where dependencies is null`;
    await database.pool.query(query, [JSON.stringify(noDependencies)]);
  };
  const addBuildset = async (jobs: readonly string[] = ['job'], patchset = patchsetOf(changes())) => {
    const eventId = await addEvent(patchset);
    await store.insertBuildset({ tested: patchset, pipeline: 'check', priority: 0, eventId, jobs, isOnce: false });
    await settleDependencies();
    const { rows } = await database.pool.query<{ id: string }>(
      `select b.id from builds b join buildsets s on s.id = b.buildset where s.trigger_event = $1 order by array_position($2, b.job)`,
      [eventId, jobs],
    );
    return rows.map(({ id }) => id);
  };
  const addRunning = async (job = 'job') => {
    const [buildId = ''] = await addBuildset([job]);
    const [owner, server] = [await addProcess(), randomUUID()];
    await store.insertServers([newServer(server, owner)]);
    await store.startBuilds([{ buildId, owner, serverId: server, slot }]);
    const build = await store.takeBuild(buildId, owner);
    return { lease: { buildId, epoch: build!.epoch }, owner, server };
  };
  return {
    database,
    store,
    addProcess,
    addEvent,
    settleDependencies,
    addBuildset,
    addRunning,
    drop: () => database.drop(),
  };
}

/** A first server of a small label. */
export function newServer(id: string, owner: string): NewServer {
  return {
    id,
    cloud: 'ci',
    zone: undefined,
    label: 'small',
    name: `sidegate-${id}`,
    owner,
    purpose: 'build',
    image: undefined,
    attempt: 1,
    tried: [],
  };
}

function countFrom(first: number): () => number {
  let next = first;
  return () => next++;
}

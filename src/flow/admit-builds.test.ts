import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { patchsetOf, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { Store } from '../ports/store.ts';
import { admitBuilds } from './admit-builds.ts';
import type { Flow } from './context.ts';

let prepared: CloudFlow;
beforeEach(async () => {
  prepared = await prepareCloudFlow();
});
afterEach(() => prepared.drop());

/** A flow in whose admission `happens` happens once it has read the queue. */
function during(happens: () => Promise<unknown>): Flow {
  const { flow } = prepared;
  const transaction: Store['transaction'] = (work) =>
    flow.store.transaction((tx) =>
      work({
        ...tx,
        queuedBuilds: async (limit) => {
          const queue = await tx.queuedBuilds(limit);
          await happens();
          return queue;
        },
      }),
    );
  return { ...flow, store: { ...flow.store, transaction } };
}

async function look() {
  const { pool } = prepared.rows.database;
  const servers = await pool.query<{ state: string; build: string | null }>(`select state, build from servers`);
  const builds = await pool.query<{ state: string; server: string | null }>(
    `select state, server from builds order by id`,
  );
  return { servers: servers.rows, builds: builds.rows };
}

describe('admission', () => {
  test('gives a build its server and starts its workflow', async () => {
    const [build] = await prepared.rows.addBuildset();

    await admitBuilds(prepared.flow);

    const { servers, builds } = await look();
    expect(servers).toEqual([{ state: 'building', build }]);
    expect(builds[0]?.state).toBe('running');
    expect(prepared.started).toEqual([`${build} 0`]);
  });

  test('lets the server go that it ordered for a build which is superseded meanwhile, and the others start', async () => {
    const patchset = patchsetOf(7);
    await prepared.rows.addBuildset(['job'], patchset);
    const [other] = await prepared.rows.addBuildset();
    const newer = () =>
      prepared.rows.store.abortBuildsets({ connection: 'review', number: 7 }, 2, 'There is a newer patchset.');

    await admitBuilds(during(newer));

    const { servers, builds } = await look();
    expect(servers.toSorted((a, b) => a.state.localeCompare(b.state))).toEqual([
      { state: 'building', build: other },
      { state: 'deleting', build: null },
    ]);
    expect(builds.map(({ state }) => state).toSorted()).toEqual(['done', 'running']);
    expect(prepared.started).toEqual([`${other} 0`]);
  });

  test('leaves a ready server to the next build when the one it was for is cancelled meanwhile', async () => {
    const ready = await prepared.addServer();
    await prepared.rows.store.saveServerReady(ready, '192.0.2.1', []);
    const [cancelled = ''] = await prepared.rows.addBuildset();

    await admitBuilds(during(() => prepared.rows.store.cancelBuild(cancelled, 'by the operator')));
    const free = await look();
    const [next] = await prepared.rows.addBuildset();
    await admitBuilds(prepared.flow);

    expect(free.servers).toEqual([{ state: 'ready', build: null }]);
    expect((await look()).servers).toEqual([{ state: 'ready', build: next }]);
  });
});

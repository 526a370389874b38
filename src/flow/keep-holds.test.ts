import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { SidegateError } from '../domain/errors.ts';
import type { ServerLabel, Settings } from '../domain/settings.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import { concludeBuild } from './conclude-build.ts';
import type { Flow } from './context.ts';
import { keepHolds } from './keep-holds.ts';

const sshKey = 'ssh-ed25519 AAAA ann';

let builds: RunningBuilds;

beforeEach(async () => {
  builds = await prepareRunningBuilds();
});
afterEach(() => builds.drop());

interface Seen {
  readonly added: (readonly [host: RemoteHost, line: string])[];
  readonly left: RemoteHost[];
  fails: boolean;
}

async function endHeldBuild() {
  const seen: Seen = { added: [], left: [], fails: false };
  const { flow, lease } = await builds.create({
    jobs: {
      addKey: async (host, line) => {
        if (seen.fails) throw new SidegateError('ssh-unreachable', 'no route to host');
        seen.added.push([host, line]);
      },
      disconnect: (host) => void seen.left.push(host),
    },
  });
  const labels = [{ name: 'small', sshPort: 2222, user: 'zuul' } as ServerLabel];
  const settings = { ...flow.settings, labels, jobs: [], pipelines: [], hold: { maxTtl: 1, maxServers: 1 } };
  const held = { ...flow, settings: settings as unknown as Settings } as Flow;
  const id = await flow.store.insertHold({
    build: lease.buildId,
    project: undefined,
    changeNumber: undefined,
    job: undefined,
    reason: 'why',
    requestedBy: 'ann',
    sshKey,
    ttl: 3_600_000,
    patience: 3_600_000,
  });
  const verdict = { reason: 'enough', errorCode: undefined, tests: undefined, failedTests: [] };
  await concludeBuild(held, lease, { ...verdict, result: 'ABORTED' });
  const look = async () => (await flow.store.holds(1))[0]!;
  return { flow: held, seen, id, look };
}

describe('a server that is held', () => {
  const host: RemoteHost = { address: '127.0.0.1', port: 2222, user: 'zuul', hostKeys: [] };

  test('gets the key of its person once, and is left by the process that ran the build', async () => {
    const { flow, seen, look } = await endHeldBuild();

    await keepHolds(flow);
    await keepHolds(flow);

    expect(seen).toMatchObject({ added: [[host, sshKey]], left: [host] });
    expect(await look()).toMatchObject({ state: 'holding', keyAdded: true, detail: '' });
  });

  test('that cannot be logged in to says so, stays, and is tried again', async () => {
    const { flow, seen, look } = await endHeldBuild();
    seen.fails = true;
    await keepHolds(flow);
    const failed = await look();
    seen.fails = false;
    await builds.rows.database.pool.query(`update holds set next_try_at = now()`);

    await keepHolds(flow);

    expect(failed).toMatchObject({
      state: 'holding',
      keyAdded: false,
      detail: 'The key is not on the server yet: SSH to the test server does not work. no route to host',
    });
    expect(await look()).toMatchObject({ state: 'holding', keyAdded: true, detail: '' });
  });

  test('whose label is no longer configured says so', async () => {
    const { flow, look } = await endHeldBuild();

    await keepHolds({ ...flow, settings: { ...flow.settings, labels: [] } });

    expect((await look()).detail).toMatch(/its label is no longer known/);
  });

  test('is let go when its time is over', async () => {
    const { flow, look } = await endHeldBuild();
    await keepHolds(flow);
    await builds.rows.database.pool.query(`update holds set until = now()`);

    await keepHolds(flow);

    const { state, server } = await look();
    expect([state, (await flow.store.findServer(server!))?.state]).toEqual(['ended', 'deleting']);
  });
});

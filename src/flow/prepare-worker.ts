import { SidegateError } from '../domain/errors.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { hearSignals } from '../shared/hear-signals.ts';
import type { Flow } from './context.ts';
import { remoteHostOf } from './remote-host.ts';
import type { BuildContext } from './run-build.ts';
import { prepareSlot } from './prepare-slot.ts';

/** What a lost signal costs at most (ms). */
const lookAgain = 5000;

/** Where the job runs, and what it is told about its slot. */
export interface Worker {
  readonly host: RemoteHost;
  readonly variables: Readonly<Record<string, string>>;
}

/** 5a. Waits until the test server is booted and the slot is ready. */
export async function prepareWorker(context: BuildContext): Promise<Worker> {
  const { flow, build, lease } = context;
  await flow.store.saveStep(lease, 'boot');
  const server = await waitForServer(context);
  const host = remoteHostOf(flow, server);
  if (!host) throw new SidegateError('server-lost', `${server.name} has no address`);
  return { host, variables: build.slot ? await prepareSlot(context, build.slot) : {} };
}

async function waitForServer({ flow, build, signal }: BuildContext): Promise<ServerRecord> {
  const changes = hearSignals(flow.signals, `server of ${build.id}`);
  try {
    while (!signal.aborted) {
      const server = await readyServer(flow, build.id);
      if (server) return server;
      await changes.next({ atMost: lookAgain, signal });
    }
  } finally {
    changes.stop();
  }
  throw new SidegateError('cancelled', `build ${build.id}`);
}

/** Undefined while it boots. */
async function readyServer(flow: Flow, buildId: string): Promise<ServerRecord | undefined> {
  const id = await serverIdOf(flow, buildId);
  const server = id === undefined ? undefined : await flow.store.findServer(id);
  if (!server) throw new SidegateError('server-lost', `build ${buildId} has no test server`);
  if (server.state === 'ready') return server;
  if (server.state === 'building') return undefined;
  // One that does not boot may have been replaced between the two looks.
  if ((await serverIdOf(flow, buildId)) !== id) return readyServer(flow, buildId);
  throw new SidegateError(server.errorCode ?? 'server-lost', `${server.name}: ${server.detail}`);
}

async function serverIdOf(flow: Flow, buildId: string): Promise<string | undefined> {
  return (await flow.store.findBuild(buildId))?.server;
}

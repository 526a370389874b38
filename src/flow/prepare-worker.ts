import { SidegateError } from '../domain/errors.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/store.ts';
import { waitForSignal } from '../shared/wait-for-signal.ts';
import { remoteHostOf } from './remote-host.ts';
import type { BuildContext } from './run-build.ts';
import { sweepSlot } from './sweep-slots.ts';

/** 5a. Waits until the test server is booted and the slot is clean: what an earlier worker left would fail the first test. */
export async function prepareWorker(context: BuildContext): Promise<RemoteHost> {
  const { flow, build, lease } = context;
  await flow.store.saveStep(lease, 'boot');
  const server = await waitForServer(context);
  if (build.slot) {
    await flow.store.saveStep(lease, 'sweep');
    await sweepSlot(flow, build.slot);
  }
  const host = remoteHostOf(flow, server);
  if (!host) throw new SidegateError('server-lost', `${server.name} has no address`);
  return host;
}

async function waitForServer({ flow, build, signal }: BuildContext): Promise<ServerRecord> {
  while (!signal.aborted) {
    // Asked each time: a server that does not boot is replaced by another one.
    const current = await flow.store.findBuild(build.id);
    const server = current?.server === undefined ? undefined : await flow.store.findServer(current.server);
    if (!server) throw new SidegateError('server-lost', `build ${build.id} has no test server`);
    if (server.state === 'ready') return server;
    if (server.state !== 'building')
      throw new SidegateError(server.errorCode ?? 'server-lost', `${server.name}: ${server.detail}`);
    await waitForSignal(flow.signals, 'servers', { atMost: 2000, signal });
  }
  throw new SidegateError('cancelled', `build ${build.id}`);
}

import { SidegateError, errorText } from '../domain/errors.ts';
import type { HoldRecord } from '../ports/hold-store.ts';
import type { Flow } from './context.ts';
import { remoteHostOf } from './remote-host.ts';

const atOnce = 10;

/** Lets go of held servers whose time is over, and puts people's keys on those that are held. True when there may be more to do. */
export async function keepHolds(flow: Pick<Flow, 'store' | 'settings' | 'jobs' | 'logger'>): Promise<boolean> {
  const ended = await flow.store.endDueHolds();
  if (ended > 0) flow.logger.info({ ended }, 'holds ended');
  const holds = await flow.store.claimHoldsWithoutKey(atOnce);
  await Promise.all(holds.map((hold) => addKey(flow, hold)));
  return holds.length === atOnce;
}

async function addKey(flow: Parameters<typeof keepHolds>[0], hold: HoldRecord): Promise<void> {
  try {
    const server = hold.server === undefined ? undefined : await flow.store.findServer(hold.server);
    const host = server && remoteHostOf(flow, server);
    if (!host) throw new SidegateError('server-lost', 'its address or its label is no longer known');
    await flow.jobs.addKey(host, hold.sshKey);
    await flow.store.saveKeyAdded(hold.id);
  } catch (error) {
    flow.logger.warn({ hold: hold.id, err: errorText(error) }, 'the key of a held server is tried again');
    await flow.store.saveHoldDetail(hold.id, `The key is not on the server yet: ${errorText(error)}`);
  }
}

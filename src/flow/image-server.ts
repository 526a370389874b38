import { SidegateError } from '../domain/errors.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { hearSignals } from '../shared/hear-signals.ts';
import type { ImageWork } from './build-image.ts';
import { orderServer, readPlacement } from './order-server.ts';

/** The booted server an image is made of or tried on; ordered first. Undefined: its cloud has no room now. */
export async function imageServer(work: ImageWork, purpose: 'image' | 'canary'): Promise<ServerRecord | undefined> {
  const id = work.image.server ?? (await order(work, purpose));
  return id === undefined ? undefined : waitUntilReady(work, id);
}

/** Row and order in one transaction: a crash leaves no server that belongs to nothing. */
async function order({ flow, image, lease, label, place }: ImageWork, purpose: 'image' | 'canary') {
  return flow.store.transaction(async (tx) => {
    await tx.lock('admission');
    const placement = await readPlacement(flow, tx, await tx.aliveServers());
    const spot = placement.take({ ...label, places: [place] });
    if (typeof spot === 'string') {
      if (image.detail !== spot) await tx.moveImage(lease, { state: image.state, server: undefined, detail: spot });
      return undefined;
    }
    const own = purpose === 'canary' ? image.id : undefined;
    const server = await orderServer(flow, tx, { label: label.name, spot, purpose, image: own });
    await tx.moveImage(lease, { state: image.state, server, detail: '' });
    return server;
  });
}

async function waitUntilReady({ flow, image }: ImageWork, id: string): Promise<ServerRecord> {
  const { signal } = new AbortController();
  const changes = hearSignals(flow.signals, 'servers');
  try {
    for (;;) {
      const server = await flow.store.findServer(id);
      if (!server) throw new SidegateError('server-lost', `${image.name} has no server`);
      if (server.state === 'ready') return server;
      if (server.state !== 'building')
        throw new SidegateError(server.errorCode ?? 'server-lost', `${server.name}: ${server.detail}`);
      await changes.next({ atMost: 2000, signal });
    }
  } finally {
    changes.stop();
  }
}

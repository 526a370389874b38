import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Guard } from '../../../ports/guard.ts';
import { watchConnections } from './connections.ts';
import { workerCheck } from './is-worker.ts';
import { serveCall } from './serve-call.ts';
import type { ServeContext } from './serve-call.ts';

export type GuardContext = Omit<ServeContext, 'closing' | 'cut' | 'isWorker'>;

export interface Listening {
  /** IP address of this machine that the worker reaches. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM, for https. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
}

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** From the first byte to the last of the request; the answer may take far longer. */
  requestTimeout: 60_000,
  keepAliveTimeout: 5000,
  insecureHTTPParser: false,
  requireHostHeader: true,
};
/** Calls in flight are waited for so long: z/VM's directory manager needs a minute for some (ms). */
const drain = 120_000;
/** And so long for the ledger to take what became of those that were cut (ms). */
const lastDrain = 10_000;

/** Opens the port of one lease. Rejects when it cannot listen there. */
export async function openGuard(context: GuardContext, listening: Listening): Promise<Guard> {
  const inFlight = new Set<Promise<void>>();
  const closing = new AbortController();
  const cut = new AbortController();
  const isWorker = workerCheck(context.lease.worker);
  const serving = { ...context, isWorker, closing: closing.signal, cut: cut.signal };
  const server = createServer(listening, (request, response) => {
    const call = serveCall(serving, request, response).finally(() => inFlight.delete(call));
    inFlight.add(call);
  });
  watchConnections(server, isWorker);
  const port = await listen(server, listening);
  const host = isIPv6(listening.address) ? `[${listening.address}]` : listening.address;
  return {
    url: `${listening.tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      closing.abort();
      server.closeIdleConnections();
      await atMost(drain, ended(inFlight));
      // What Feilong still does is written down as unknown, and looked after by the sweep.
      cut.abort();
      await atMost(lastDrain, ended(inFlight));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createServer({ tls }: Listening, listener: RequestListener): Server {
  if (!tls) return createHttpServer(limits, listener);
  return createHttpsServer({ ...limits, cert: tls.certificate, key: tls.key }, listener);
}

function listen(server: Server, { address, port }: Listening): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host: address, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Calls come in on open connections even while the guard closes. */
async function ended(inFlight: ReadonlySet<Promise<void>>): Promise<void> {
  while (inFlight.size > 0) await Promise.all(inFlight);
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Guard } from '../../../ports/guard.ts';
import { serveCall } from './serve-call.ts';
import type { ServeContext } from './serve-call.ts';

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
/** nova opens some dozens at once; a hostile worker must not take the file descriptors of all. */
const maxConnections = 200;
/** Calls in flight are waited for so long: z/VM's directory manager needs a minute for some (ms). */
const drain = 120_000;

/** Opens the port of one lease. Rejects when it cannot listen there. */
export async function openGuard(context: ServeContext, listening: Listening): Promise<Guard> {
  const inFlight = new Set<Promise<void>>();
  const server = createServer(listening, (request, response) => {
    const serving = serveCall(context, request, response).finally(() => inFlight.delete(serving));
    inFlight.add(serving);
  });
  server.maxConnections = maxConnections;
  server.on('clientError', (_error, socket) => socket.destroy());
  const port = await listen(server, listening);
  const host = isIPv6(listening.address) ? `[${listening.address}]` : listening.address;
  return {
    url: `${listening.tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await atMost(drain, Promise.all(inFlight));
      server.closeAllConnections();
      await closed;
    },
  };
}

type Listener = Parameters<typeof createHttpServer>[1];

function createServer({ tls }: Listening, listener: NonNullable<Listener>): Server {
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

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

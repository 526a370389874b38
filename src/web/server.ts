import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import { createApp } from './app.ts';
import { loadAssets } from './assets.ts';
import type { WebOptions } from './deps.ts';
import { createLiveHub } from './live-hub.ts';
import type { LiveHub } from './live-hub.ts';

export type { Health, Operator, WebOptions } from './deps.ts';

export interface WebServer {
  /** Address of this server itself, with the port it got. */
  start(): Promise<{ readonly url: string }>;
  stop(): Promise<void>;
}

const liveClients = 300;
const livePause = 250;
const maxConnections = 2000;

/** The pages, `/api`, `/healthz` and the logs. */
export function createWebServer(options: WebOptions): WebServer {
  let server: Server | undefined;
  let hub: LiveHub | undefined;
  return {
    async start() {
      const assets = await loadAssets();
      hub = createLiveHub(options.status, { clients: options.liveClients ?? liveClients, pause: livePause });
      server = createServer(createApp({ ...options, assets, hub, ciName: rememberName(options) }).fetch);
      try {
        return { url: await listen(server, options) };
      } catch (error) {
        hub.stop();
        throw error;
      }
    },
    async stop() {
      hub?.stop();
      if (server?.listening) await close(server);
    },
  };
}

/** The name stays the same while we run; pages that need nothing else do not ask the store for it. */
function rememberName({ status }: WebOptions): () => Promise<string> {
  let name: string | undefined;
  return async () => (name ??= (await status.overview()).name);
}

function createServer(fetch: (request: Request) => Response | Promise<Response>): Server {
  const limits = { maxHeaderSize: 16_384, requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 15_000 };
  const server = createAdaptorServer({ fetch, serverOptions: limits, overrideGlobalObjects: false }) as Server;
  server.maxConnections = maxConnections;
  return server;
}

function listen(server: Server, { host, port }: WebOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
    });
  });
}

/** Event streams end by themselves; a download that is still going on is cut. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    const cut = setTimeout(() => server.closeAllConnections(), 1000);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}

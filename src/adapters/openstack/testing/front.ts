import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { sleep } from '../../../shared/clock.ts';

/** A proxy in front of a simulated cloud that sees every request and may answer in its place. */
export interface Front {
  readonly authUrl: string;
  /** `METHOD PATH`, in the order they came. */
  readonly requests: string[];
  /** What the next requests get instead of the cloud's answer; undefined: the cloud's. */
  intercept: Interception;
  /** How long the next answers are held back, milliseconds. */
  delay: number | ((request: { readonly line: string }) => number);
  /** Replaces text in all answers. */
  rename(text: string, by: string): void;
  /** Keeps this part of queries from the cloud, which answers as if it did not know it. */
  dropFilter(name: string): void;
  close(): Promise<void>;
}

export type Interception = (request: { readonly line: string; readonly headers: http.IncomingHttpHeaders }) =>
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      /** The cloud is asked all the same: only its answer is lost. */
      readonly after?: boolean;
    }
  | undefined;

export async function startFront(
  authUrl: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Front> {
  const { origin, pathname } = new URL(authUrl);
  const listener: http.RequestListener = (request, response) => {
    const line = `${request.method} ${request.url}`;
    front.requests.push(line);
    const own = front.intercept({ line, headers: request.headers });
    const pause = typeof front.delay === 'number' ? front.delay : front.delay({ line });
    const answer = (): unknown =>
      response.writeHead(own?.status ?? 500, own?.headers).end(own?.body === undefined ? '' : JSON.stringify(own.body));
    if (own && own.after !== true) return void answer();
    Promise.all([forward(request, { origin, renamed, dropped }), sleep(pause)]).then(
      ([{ status, headers, text }]) => (own ? answer() : response.writeHead(status, headers).end(text)),
      () => request.socket.destroy(),
    );
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ownOrigin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const renamed = new Map([[origin, ownOrigin]]);
  const dropped = new Set<string>();
  const front: Front = {
    authUrl: `${ownOrigin}${pathname}`,
    requests: [],
    intercept: () => undefined,
    delay: 0,
    rename: (text, by) => void renamed.set(text, by),
    dropFilter: (name) => void dropped.add(name),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return front;
}

interface Forwarding {
  readonly origin: string;
  readonly renamed: ReadonlyMap<string, string>;
  readonly dropped: ReadonlySet<string>;
}

/** The catalog names the cloud's own address, which is to be that of the front. */
async function forward(request: http.IncomingMessage, { origin, renamed, dropped }: Forwarding) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const url = new URL(`${origin}${request.url}`);
  for (const name of dropped) url.searchParams.delete(name);
  const answer = await fetch(url, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  let text = await answer.text();
  for (const [from, to] of renamed) text = text.replaceAll(from, to);
  const token = answer.headers.get('x-subject-token');
  return { status: answer.status, headers: token === null ? {} : { 'X-Subject-Token': token }, text };
}

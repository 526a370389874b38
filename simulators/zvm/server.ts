import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Room, Timings } from './call.ts';
import { pullLever } from './control.ts';
import { createFaults } from './faults.ts';
import { Refusal, failure, noSuchPath, restRefusal, unauthorized } from './reply.ts';
import type { Reply } from './reply.ts';
import { matchRoute } from './routes.ts';
import { createZvmSystem } from './system.ts';
import { isValidToken } from './token.ts';

export interface ZvmSimulatorOptions extends Partial<Timings> {
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** With it, every call needs a token got by `POST /token`. */
  readonly adminToken?: string;
  /** Name of the z/VM system. */
  readonly host?: string;
}

export interface ZvmSimulator {
  readonly url: string;
  close(): Promise<void>;
}

const maxBody = 1024 * 1024;

/** Starts a z/VM behind Feilong's REST interface on loopback. */
export async function startZvmSimulator(options: ZvmSimulatorOptions = {}): Promise<ZvmSimulator> {
  const room: Room = {
    system: createZvmSystem(options.host ?? 'SIMZVM1'),
    faults: createFaults(),
    timings: {
      createTime: options.createTime ?? 0,
      deployTime: options.deployTime ?? 0,
      softstopTime: options.softstopTime ?? 0,
    },
    adminToken: options.adminToken,
    deploys: 0,
  };
  const server = createServer((request, response) => {
    void serve(room, request, response);
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function serve(room: Room, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const text = await readBody(request);
    send(response, text === undefined ? restRefusal(413, 'request body too large') : await answer(room, request, text));
  } catch (error) {
    send(response, error instanceof Refusal ? error.reply : internalError(error));
  }
}

async function answer(room: Room, request: IncomingMessage, text: string): Promise<Reply> {
  const url = URL.parse(request.url ?? '', 'http://simulator');
  if (url === null) return noSuchPath();
  const lever = `${request.method} ${url.pathname}`;
  if (url.pathname.startsWith('/simulator/')) return leverReply(room, lever, text);

  const delay = room.faults.take('delay');
  if (delay) await sleep(delay.ms);
  if (room.faults.take('refuse')) return { status: 503, contentType: 'text/plain', body: 'Service Unavailable\n' };
  return feilongReply(room, request, url, text);
}

function feilongReply(room: Room, request: IncomingMessage, url: URL, text: string): Reply | Promise<Reply> {
  const method = request.method ?? 'GET';
  const match = matchRoute(method, url.pathname);
  if ('refusal' in match) return match.refusal;
  if (!isAllowed(room, request, url.pathname)) return unauthorized();
  const sick = sdkserverDown(room, `${method} ${url.pathname}`);
  if (sick) return sick;
  const { headers } = request;
  const client = `${request.socket.remoteAddress ?? ''} ${headers['user-agent'] ?? ''}`.trim().slice(0, 200);
  return match.handler({
    room,
    parameters: match.parameters,
    query: url.searchParams,
    body: parseJson(text),
    headers,
    client,
  });
}

function isAllowed(room: Room, request: IncomingMessage, path: string): boolean {
  const token = request.headers['x-auth-token'];
  return (
    room.adminToken === undefined ||
    path === '/token' ||
    isValidToken(typeof token === 'string' ? token : undefined, room.adminToken)
  );
}

/** The REST layer answers by itself without sdkserver; only the list of guests hides the outage behind HTTP 200. */
function sdkserverDown(room: Room, route: string): Reply | undefined {
  if (['GET /', 'GET /smapi_health', 'POST /token'].includes(route) || !room.faults.take('sdkserver-down'))
    return undefined;
  const text = 'Failed to connect SDK server 127.0.0.1:2000, error: [Errno 111] Connection refused';
  return failure(route === 'GET /guests' ? 200 : 500, { overallRC: 101, modID: 110, rc: 101, rs: 2 }, text);
}

function leverReply(room: Room, lever: string, text: string): Reply {
  const result = pullLever(room, lever, parseJson(text));
  if (result === undefined) return noSuchPath();
  return { status: result.status, contentType: 'application/json', body: JSON.stringify(result.body) };
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(restRefusal(400, `Malformed JSON: ${(error as Error).message}`));
  }
}

function internalError(error: unknown): Reply {
  const text = `Unexpected internal error in ZVM SDK, error: ${String(error)}`;
  return failure(500, { overallRC: 500, modID: 400, rc: 500, rs: 1 }, text);
}

/** Undefined when the body is longer than allowed; the rest is read away so that the answer can be heard. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxBody) chunks.push(chunk);
  }
  return length > maxBody ? undefined : Buffer.concat(chunks).toString();
}

/** Feilong behind uwsgi does not keep connections. */
function send(response: ServerResponse, reply: Reply): void {
  const headers = {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    connection: 'close',
    ...reply.headers,
  };
  response.writeHead(reply.status, headers).end(reply.body);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

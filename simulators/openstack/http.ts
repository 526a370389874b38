import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { sleep } from '../../src/shared/clock.ts';

export type ServiceName = 'identity' | 'compute' | 'image' | 'network' | 'block-storage' | 'simulator';

/** One request as a handler sees it. `json` is undefined where there was no body. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
  readonly json: unknown;
  readonly raw: Buffer;
  /** `http://HOST:PORT` as the client wrote it. */
  readonly origin: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as HTML, undefined as an empty body. */
  readonly body?: unknown;
  /** Closes the connection instead of answering. */
  readonly cut?: boolean;
}

/** Thrown by handlers: the answer is an error in the shape of the service. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
  }
}

export interface Route {
  readonly method: string;
  /** Path below the service's prefix; `:name` matches one segment. */
  readonly path: string;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

export interface Service {
  readonly name: ServiceName;
  /** Undefined: the same for all regions. */
  readonly region: string | undefined;
  readonly prefix: string;
  /** Bytes of a request's body; 112 KiB where left out. */
  readonly bodyLimit?: number;
  readonly routes: readonly Route[];
  readonly notFound: (call: Call) => Answer;
  readonly badJson: () => Answer;
}

/** One request before anything was done with it. */
export interface Arrival {
  readonly service: ServiceName;
  readonly region: string | undefined;
  readonly method: string;
  /** Below the service's prefix. */
  readonly path: string;
}

/**
 * What happens to a request instead of an answer. `handled`: the service does what it was asked for all the same, only the answer is lost.
 */
export type Interference =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'silence'; readonly milliseconds: number; readonly handled: boolean }
  | { readonly kind: 'cut'; readonly handled: boolean };

export interface ApiOptions {
  readonly services: readonly Service[];
  /** PEM texts; undefined: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly interfere: (arrival: Arrival) => Interference | undefined;
  /** Called when a request is there. */
  readonly onArrival: (arrival: Arrival) => void;
  /** Called at its end, with the pattern of its path; status 0: no answer. */
  readonly onEnd: (arrival: Arrival, route: string, status: number) => void;
}

/** osapi_max_request_body_size of Nova. */
const novaBodyLimit = 114_688;

export function createApi(api: ApiOptions): Server {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    answerRequest(request, api).then(
      (answer) => {
        if (answer.cut) request.socket.destroy();
        else send(response, answer);
      },
      () => request.socket.destroy(),
    );
  };
  return api.tls ? createTlsServer(api.tls, listener) : createServer(listener);
}

const cut: Answer = { status: 0, cut: true };

async function answerRequest(request: IncomingMessage, api: ApiOptions): Promise<Answer> {
  const origin = `${api.tls ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;
  const url = new URL(request.url ?? '/', origin);
  const service = api.services.find(({ prefix }) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
  const raw = await readBody(request, service?.bodyLimit ?? novaBodyLimit);
  if (!service) return { status: 404, body: { services: api.services.map(({ prefix }) => prefix) } };
  const method = request.method ?? 'GET';
  const path = url.pathname.slice(service.prefix.length).replace(/\/+$/u, '') || '/';
  const arrival: Arrival = { service: service.name, region: service.region, method, path };
  api.onArrival(arrival);
  const found = findRoute(service.routes, method, path);
  const handle = async (): Promise<Answer> => {
    if (raw === undefined) return bodyTooLarge();
    const call = { method, path, query: url.searchParams, headers: request.headers, raw, origin };
    return withRequestId(service.name, await dispatch(service, found, call));
  };
  const answer = await withInterference(request, api.interfere(arrival), handle);
  api.onEnd(arrival, found?.route.path ?? '', answer.cut ? 0 : answer.status);
  return answer;
}

async function withInterference(
  request: IncomingMessage,
  interference: Interference | undefined,
  handle: () => Promise<Answer>,
): Promise<Answer> {
  if (!interference) return handle();
  if (interference.kind === 'answer') return interference.answer;
  if (interference.handled) await handle();
  if (interference.kind === 'silence') await silence(request, interference.milliseconds);
  return cut;
}

/** Ends early when the client gives up. */
async function silence({ socket }: IncomingMessage, milliseconds: number): Promise<void> {
  const gone = new AbortController();
  if (socket.destroyed) return;
  socket.once('close', () => gone.abort());
  await sleep(milliseconds, gone.signal);
}

type Found = { readonly route: Route; readonly params: Record<string, string> } | undefined;

async function dispatch(service: Service, found: Found, bare: Omit<Call, 'params' | 'json'>): Promise<Answer> {
  try {
    const call: Call = { ...bare, params: found?.params ?? {}, json: parseBody(service, bare) };
    return found ? await found.route.handle(call) : service.notFound(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function findRoute(routes: readonly Route[], method: string, path: string): Found {
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPath(route.path, path);
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodePart(value);
    else if (part !== value) return undefined;
  }
  return params;
}

function decodePart(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function parseBody(service: Service, call: { headers: IncomingHttpHeaders; raw: Buffer }): unknown {
  const type = call.headers['content-type'] ?? 'application/json';
  if (call.raw.length === 0 || !/^application\/(json|openstack-images-v2\.[01]-json-patch)/u.test(type))
    return undefined;
  try {
    return JSON.parse(call.raw.toString('utf8')) as unknown;
  } catch {
    throw new Refusal(service.badJson());
  }
}

/** Undefined for a body beyond the limit; it is read to its end all the same, so that the client sees the answer. */
async function readBody(request: IncomingMessage, bodyLimit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= bodyLimit) chunks.push(chunk as Buffer);
  }
  return size > bodyLimit ? undefined : Buffer.concat(chunks);
}

function bodyTooLarge(): Answer {
  const text = `Request is too large. Larger than max_request_body_size (${novaBodyLimit}).`;
  return { status: 413, body: htmlPage('413 Request Entity Too Large', text) };
}

/** A value from a request body as text: what is no text or number becomes JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Error page of WebOb, which Glance (and Nova for 413) sends. */
export function htmlPage(title: string, text: string, gap = '\n\n\n\n'): string {
  return `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${text}<br /><br />${gap} </body>\n</html>`;
}

function withRequestId(service: ServiceName, answer: Answer): Answer {
  const id = `req-${randomUUID()}`;
  const own =
    service === 'compute' ? { 'X-Compute-Request-Id': id } : service === 'identity' ? { Vary: 'X-Auth-Token' } : {};
  return { ...answer, headers: { 'X-Openstack-Request-Id': id, ...own, ...answer.headers } };
}

function send(response: ServerResponse, answer: Answer): void {
  const { body } = answer;
  const html = typeof body === 'string';
  const text = body === undefined ? '' : html ? body : JSON.stringify(body);
  const type = body === undefined ? {} : { 'Content-Type': html ? 'text/html; charset=UTF-8' : 'application/json' };
  const length = answer.status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  response.writeHead(answer.status, { ...type, ...length, ...answer.headers });
  response.end(text);
}

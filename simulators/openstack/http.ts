import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';

export type ServiceName = 'identity' | 'compute' | 'image' | 'network' | 'simulator';

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
  readonly prefix: string;
  readonly routes: readonly Route[];
  readonly notFound: (call: Call) => Answer;
  readonly badJson: () => Answer;
}

/** Asked before each call; an answer replaces the service's own, `silence` is no answer at all. */
export type Interference = (service: ServiceName) => Answer | 'silence' | undefined;

/** osapi_max_request_body_size of Nova. */
const bodyLimit = 114_688;

export function createApi(services: readonly Service[], interfere: Interference): Server {
  return createServer((request, response) => {
    answerRequest(request, services, interfere).then(
      (answer) => {
        if (answer === 'silence') return;
        if (answer.cut) request.socket.destroy();
        else send(response, answer);
      },
      () => request.socket.destroy(),
    );
  });
}

async function answerRequest(
  request: IncomingMessage,
  services: readonly Service[],
  interfere: Interference,
): Promise<Answer | 'silence'> {
  const origin = `http://${request.headers.host ?? 'localhost'}`;
  const url = new URL(request.url ?? '/', origin);
  const raw = await readBody(request);
  const service = services.find(({ prefix }) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
  if (!service) return { status: 404, body: { services: services.map(({ prefix }) => prefix) } };
  const interference = interfere(service.name);
  if (interference) return interference;
  if (raw === undefined) return bodyTooLarge();
  const path = url.pathname.slice(service.prefix.length).replace(/\/+$/u, '') || '/';
  const call = {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    headers: request.headers,
    raw,
    origin,
  };
  return withRequestId(service.name, await dispatch(service, call));
}

async function dispatch(service: Service, bare: Omit<Call, 'params' | 'json'>): Promise<Answer> {
  const found = findRoute(service.routes, bare.method, bare.path);
  try {
    const call: Call = { ...bare, params: found?.params ?? {}, json: parseBody(service, bare) };
    return found ? await found.route.handle(call) : service.notFound(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
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
  if (call.raw.length === 0 || !type.startsWith('application/json')) return undefined;
  try {
    return JSON.parse(call.raw.toString('utf8')) as unknown;
  } catch {
    throw new Refusal(service.badJson());
  }
}

/** Undefined for a body beyond the limit; it is read to its end all the same, so that the client sees the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= bodyLimit) chunks.push(chunk as Buffer);
  }
  return size > bodyLimit ? undefined : Buffer.concat(chunks);
}

function bodyTooLarge(): Answer {
  const text = `Request is too large. Larger than max_request_body_size (${bodyLimit}).`;
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

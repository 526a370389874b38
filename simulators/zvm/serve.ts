import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Room } from './call.ts';
import { pullLever } from './control.ts';
import { namedUserids } from './named-userids.ts';
import {
  Refusal,
  htmlRefusal,
  internalFailure,
  noSuchPath,
  restRefusal,
  sdkserverFailure,
  unauthorized,
} from './reply.ts';
import type { Reply } from './reply.ts';
import { matchRoute } from './routes.ts';
import { nameOf } from './touches.ts';

/** What the connection does with an answer; `cut` breaks it off after that much of it. */
export interface Answered {
  readonly reply: Reply;
  readonly cut?: 'at once' | 'half-way';
}

interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly method: string;
  readonly text: string;
}

const maxBody = 1024 * 1024;

export async function serve(room: Room, request: IncomingMessage): Promise<Answered> {
  try {
    const text = await readBody(request);
    if (text === undefined) return { reply: restRefusal(413, 'request body too large') };
    const url = URL.parse(`http://simulator${request.url ?? '/'}`);
    if (url === null) return { reply: noSuchPath('') };
    const asked = { request, url, method: request.method ?? 'GET', text };
    return url.pathname.startsWith('/simulator/') ? { reply: leverReply(room, asked) } : await answer(room, asked);
  } catch (error) {
    return { reply: replyOf(error) };
  }
}

async function answer(room: Room, asked: Asked): Promise<Answered> {
  const { faults } = room;
  const occasion = { method: asked.method, path: asked.url.pathname };
  const delay = faults.take('delay', occasion);
  if (delay) await sleep(delay.ms);
  if (faults.take('refuse', occasion))
    return { reply: { status: 503, contentType: 'text/plain', body: 'Service Unavailable\n' } };
  if (faults.take('revoke-tokens', occasion)) room.tokens?.revokeAll();

  const cut = faults.take('cut', occasion);
  if (cut?.handled === false) return { reply: noSuchPath(), cut: 'at once' };
  const reply = await feilongReply(room, asked);
  return cut ? { reply, cut: 'half-way' } : { reply };
}

async function feilongReply(room: Room, asked: Asked): Promise<Reply> {
  const { method, url } = asked;
  const { headers } = asked.request;
  const match = matchRoute(room.release, { method, path: url.pathname, accept: headers.accept });
  if ('refusal' in match) return match.refusal;
  noteTouches(room, asked, match.parameters);
  if (!isAllowed(room, headers['x-auth-token'], url.pathname)) return unauthorized();
  const sick = sdkserverDown(room, `${method} ${url.pathname}`);
  if (sick) return sick;
  try {
    return await match.handler(callOf(room, asked, match.parameters));
  } catch (error) {
    return replyOf(error);
  }
}

function callOf(room: Room, { request, text, url }: Asked, parameters: Call['parameters']): Call {
  return {
    room,
    parameters,
    query: url.searchParams,
    get body() {
      return parseJson(text);
    },
    headers: request.headers,
    client: nameOf(clientOf(request)),
  };
}

/** Also what is refused afterwards: the client did try. */
function noteTouches(room: Room, { method, request, text, url }: Asked, parameters: Call['parameters']): void {
  const body = parseOr(text, {});
  const action = typeof body === 'object' && body !== null && 'action' in body ? ` ${String(body.action)}` : '';
  const client = clientOf(request);
  const call = `${method} ${url.pathname}${action}`.slice(0, 200);
  for (const userid of namedUserids(parameters, url.searchParams, body))
    room.system.audit.touch({ client, userid, call });
}

function clientOf({ headers, socket }: IncomingMessage): { address: string; userAgent: string } {
  return { address: socket.remoteAddress ?? '', userAgent: (headers['user-agent'] ?? '').slice(0, 200) };
}

function isAllowed({ tokens }: Room, token: string | string[] | undefined, path: string): boolean {
  return tokens === undefined || path === '/token' || tokens.isValid(typeof token === 'string' ? token : undefined);
}

/** The REST layer answers by itself without sdkserver; only the list of guests hides the outage behind HTTP 200. */
function sdkserverDown(room: Room, route: string): Reply | undefined {
  if (['GET /', 'GET /smapi_health', 'GET /smapi-healthy', 'POST /token'].includes(route)) return undefined;
  if (!room.mishaps.isSdkserverStopped() && !room.faults.take('sdkserver-down')) return undefined;
  const text = 'Failed to connect SDK server 127.0.0.1:2000, error: [Errno 111] Connection refused';
  return sdkserverFailure(route === 'GET /guests' ? 200 : 500, 2, text);
}

function leverReply(room: Room, { method, text, url }: Asked): Reply {
  const result = pullLever(room, { method, path: url.pathname, body: parseOr(text, undefined) });
  if (result === undefined) return noSuchPath('');
  return { status: result.status, contentType: 'application/json', body: JSON.stringify(result.body) };
}

function parseJson(text: string): unknown {
  if (text === '') throw new Refusal(htmlRefusal('Malformed JSON: Expecting value: line 1 column 1 (char 0)'));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(htmlRefusal(`Malformed JSON: ${(error as Error).message}`));
  }
}

function parseOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

function replyOf(error: unknown): Reply {
  return error instanceof Refusal ? error.reply : internalFailure(400, String(error));
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

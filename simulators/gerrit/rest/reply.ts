import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip, gzipSync } from 'node:zlib';
import { gson } from '../gson.ts';

const magicPrefix = ")]}'\n";
const gzipFromBytes = 256;
const gzipAsideFromBytes = 65_536;
const compress = promisify(gzip);
const fast = { level: constants.Z_BEST_SPEED };

/** What a REST call answers. `lost` drops the connection instead, for tests. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'unknown-path' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'lost' };

export function json(body: unknown, status = 200): Reply {
  return { kind: 'json', status, body };
}

/** Errors are plain text with a line end, without the prefix that success has. */
export function text(status: number, message: string): Reply {
  return { kind: 'text', status, text: `${message}\n` };
}

const common = {
  'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
  expires: 'Mon, 01 Jan 1990 00:00:00 GMT',
  pragma: 'no-cache',
};

function restHeaders() {
  return {
    ...common,
    'content-security-policy': "default-src 'none'; sandbox",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'deny',
    'x-gerrit-trace': `${Date.now()}-${randomBytes(4).toString('hex')}`,
  };
}

export async function send(reply: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (reply.kind) {
    case 'lost':
      request.socket.destroy();
      return;
    case 'empty':
      response.writeHead(204, restHeaders()).end();
      return;
    case 'unauthorized':
      sendContainerError(response, 401, 'Unauthorized');
      return;
    case 'unknown-path':
      sendContainerError(response, 404, 'Not Found');
      return;
    case 'text':
      sendBytes(response, reply.status, Buffer.from(reply.text), 'text/plain;charset=utf-8');
      return;
    case 'json':
      await sendJson(reply, request, response);
  }
}

/** What Gerrit's servlet container answers itself looks different: other charset, no line end. */
function sendContainerError(response: ServerResponse, status: number, message: string): void {
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="Gerrit Code Review"' } : {};
  const body = Buffer.from(message);
  response
    .writeHead(status, {
      ...common,
      ...challenge,
      'content-type': 'text/plain;charset=iso-8859-1',
      'content-length': body.length,
    })
    .end(body);
}

function sendBytes(response: ServerResponse, status: number, body: Buffer, type: string): void {
  response.writeHead(status, { ...restHeaders(), 'content-type': type, 'content-length': body.length }).end(body);
}

async function sendJson(
  reply: Reply & { kind: 'json' },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = Buffer.from(`${magicPrefix}${gson(reply.body)}\n`);
  const type = 'application/json;charset=utf-8';
  const accepted = String(request.headers['accept-encoding'] ?? '').includes('gzip');
  if (!accepted || body.length < gzipFromBytes) {
    sendBytes(response, reply.status, body, type);
    return;
  }
  const packed = body.length < gzipAsideFromBytes ? gzipSync(body, fast) : await compress(body, fast);
  response.setHeader('content-encoding', 'gzip');
  sendBytes(response, reply.status, packed, type);
}

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { Refusal } from './gerrit.ts';
import type { Gerrit } from './gerrit.ts';
import { httpBackend } from './git/http-backend.ts';
import { receivePack } from './git/receive-pack.ts';
import { page } from './pages/router.ts';
import { send } from './rest/reply.ts';
import { answer, isRestPath } from './rest/router.ts';
import type { Account } from './state/model.ts';

const maxBodyBytes = 4 << 20;
const gitPath = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

interface HttpCall {
  readonly gerrit: Gerrit;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Encoded, without `/a`. */
  readonly path: string;
  readonly query: string;
  readonly viewer: Account | undefined;
}

export function createHttpServer(gerrit: Gerrit): Server {
  const server = createServer((request, response) => {
    handle(gerrit, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-type': 'text/plain' }).end(`Internal server error: ${String(error)}\n`);
    });
  });
  server.requestTimeout = 300_000;
  return server;
}

async function handle(gerrit: Gerrit, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/';
  const split = url.indexOf('?');
  const whole = split === -1 ? url : url.slice(0, split);
  const query = split === -1 ? '' : url.slice(split + 1);
  const authenticated = whole === '/a' || whole.startsWith('/a/');
  const path = authenticated ? whole.slice(2) : whole;
  // A password is looked at only below /a/ and by git; a wrong one is refused, none is refused below /a/.
  const viewer = authenticated || gitPath.test(path) ? accountOf(gerrit, request.headers.authorization) : undefined;
  if (viewer === 'wrong' || (authenticated && viewer === undefined)) {
    return send({ kind: 'unauthorized' }, request, response);
  }
  return dispatch({ gerrit, request, response, path, query, viewer });
}

async function dispatch(call: HttpCall): Promise<void> {
  const { gerrit, request, response, path, query, viewer } = call;
  if (gitPath.test(path)) return serveGit(call);
  if (path === '/simulator/faults') return serveFaults(call);
  if (!isRestPath(path)) {
    if (request.method === 'GET' && page({ gerrit, path, response })) return;
    return send({ kind: 'unknown-path' }, request, response);
  }
  const reply = await answer(request.method ?? 'GET', path, {
    gerrit,
    viewer,
    query: new URLSearchParams(query),
    contentType: request.headers['content-type'] ?? '',
    body: () => readBody(request),
  });
  return send(reply, request, response);
}

function accountOf({ accounts }: Gerrit, header: string | undefined): Account | 'wrong' | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const account = accounts.byUsername(text.slice(0, colon));
  return account?.httpPassword !== undefined && account.httpPassword === text.slice(colon + 1) ? account : 'wrong';
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new Refusal(413, 'Payload Too Large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function serveGit({ gerrit, request, response, path, query, viewer }: HttpCall): Promise<void> {
  const [, encoded = '', service = ''] = gitPath.exec(path) ?? [];
  const project = decodeURIComponent(encoded);
  const pushes = service === 'git-receive-pack' || query.includes('service=git-receive-pack');
  if (pushes && viewer === undefined) return send({ kind: 'unauthorized' }, request, response);
  if (!gerrit.repositories.has(project)) return send({ kind: 'unknown-path' }, request, response);
  if (service === 'git-receive-pack' && viewer !== undefined) {
    return receivePack(gerrit, { project, account: viewer }, request, response);
  }
  const call = {
    root: gerrit.repositories.root,
    path: `/${project}.git/${service}`,
    query,
    username: viewer?.username,
  };
  return httpBackend(call, request, response);
}

/** The one door for tests; nothing of Gerrit's own lives here. */
async function serveFaults({ gerrit, request, response }: HttpCall): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  try {
    const body =
      request.method === 'POST'
        ? gerrit.faults.set(JSON.parse((await readBody(request)).toString('utf8')))
        : gerrit.faults.describe();
    response.writeHead(200, headers).end(`${JSON.stringify(body)}\n`);
  } catch (error) {
    if (!(error instanceof ZodError || error instanceof SyntaxError || error instanceof Refusal)) throw error;
    response.writeHead(400, headers).end(`${JSON.stringify({ error: error.message })}\n`);
  }
}

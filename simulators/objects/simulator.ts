import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { answerS3 } from './s3.ts';
import type { S3Account } from './signature.ts';
import type { ObjectCall, ObjectReply, Objects } from './state.ts';
import { answerSwift, page } from './swift.ts';

export interface ObjectSimulatorOptions {
  /** Containers and buckets: they are the same. */
  readonly containers: readonly string[];
  readonly account: S3Account;
  /** Of user and project `ci`. */
  readonly password: string;
}

type Interference = ObjectReply | 'cut' | undefined;

export interface ObjectSimulator {
  /** Keystone with Swift in its catalogue. */
  readonly authUrl: string;
  readonly s3Url: string;
  readonly containers: ReadonlyMap<string, Objects>;
  /** `METHOD name` of each request to an object. */
  readonly requests: string[];
  /** Asked, and waited for, before each of them; an answer is given instead, `cut` ends the connection. */
  interfere: (call: ObjectCall) => Interference | Promise<Interference>;
  revokeTokens(): void;
  close(): Promise<void>;
}

/** Keystone, Swift and S3 behind one port. What was kept is gone with it. */
export async function startObjectSimulator(options: ObjectSimulatorOptions): Promise<ObjectSimulator> {
  const containers = new Map<string, Objects>(options.containers.map((name) => [name, new Map()]));
  const tokens = new Set<string>();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const content = await buffer(request);
    const target = request.url ?? '/';
    if (target === '/v3/auth/tokens')
      return send(response, request.method, login(content, { password: options.password, origin, tokens }));
    const isSwift = target.startsWith('/swift/');
    const call = toCall(
      request,
      isSwift ? target.replace(/^\/swift\/v1\/AUTH_ci/, '') : target.replace(/^\/s3/, ''),
      content,
    );
    simulator.requests.push(`${call.method} ${call.name}`);
    const instead = await simulator.interfere(call);
    if (instead === 'cut') return void request.socket.destroy();
    // The signature is of the whole path.
    send(
      response,
      request.method,
      instead ?? (isSwift ? swift(call) : answerS3(containers, options.account, { ...call, target })),
    );
  }

  function swift(call: ObjectCall): ObjectReply {
    if (tokens.has(String(call.headers['x-auth-token']))) return answerSwift(containers, call);
    return page(401, 'Unauthorized', 'This server could not verify that you are authorized.');
  }

  const simulator: ObjectSimulator = {
    authUrl: `${origin}/v3`,
    s3Url: `${origin}/s3`,
    containers,
    requests: [],
    interfere: () => undefined,
    revokeTokens: () => tokens.clear(),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return simulator;
}

interface Identity {
  readonly password: string;
  readonly origin: string;
  readonly tokens: Set<string>;
}

/** Password login to Keystone. */
function login(content: Buffer, { origin, password, tokens }: Identity): ObjectReply {
  const { auth } = JSON.parse(content.toString('utf8')) as {
    auth?: { identity?: { password?: { user?: { password?: string } } } };
  };
  if (auth?.identity?.password?.user?.password !== password)
    return { status: 401, body: JSON.stringify({ error: { code: 401, message: 'Wrong.', title: 'Unauthorized' } }) };
  const token = randomUUID();
  tokens.add(token);
  const headers = { 'X-Subject-Token': token, 'Content-Type': 'application/json' };
  return { status: 201, headers, body: JSON.stringify({ token: tokenOf(origin) }) };
}

function tokenOf(origin: string): object {
  const endpoints = [
    { interface: 'public', region_id: 'RegionOne', region: 'RegionOne', url: `${origin}/swift/v1/AUTH_ci` },
  ];
  return {
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    project: { id: 'ci', name: 'ci' },
    roles: [{ name: 'member' }],
    catalog: [{ type: 'object-store', name: 'swift', endpoints }],
  };
}

function toCall({ headers, method = 'GET' }: IncomingMessage, target: string, content: Buffer): ObjectCall {
  const [path = '', query = ''] = target.split('?');
  const [, container = '', ...name] = path.split('/').map(decodeURIComponent);
  return { method, target, container, name: name.join('/'), query: new URLSearchParams(query), headers, content };
}

function send(response: ServerResponse, method: string | undefined, { body = '', headers, status }: ObjectReply): void {
  const length = status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...length, ...headers });
  response.end(method === 'HEAD' ? undefined : body);
}

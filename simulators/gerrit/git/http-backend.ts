import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { gitEnvironment } from './run.ts';

const timeoutMs = 300_000;
const maxHeadBytes = 16_384;
const maxRunning = 16;

const waiting: (() => void)[] = [];
let running = 0;

export interface BackendCall {
  readonly root: string;
  /** `/openstack/nova.git/info/refs` */
  readonly path: string;
  readonly query: string;
  readonly username: string | undefined;
}

/** Answers a fetch through git's own `http-backend`, as CGI, without a shell; at most 16 at once. */
export async function httpBackend(
  call: BackendCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (running >= maxRunning) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    await runBackend(call, request, response);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

async function runBackend(call: BackendCall, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: gitEnvironment(environment(call, request)),
    timeout: timeoutMs,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const gone = () => child.kill('SIGKILL');
  response.once('close', gone);
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  try {
    await pipeline(child.stdout, (source: AsyncIterable<Buffer>) => bodyOf(source, response), response);
  } catch {
    response.destroy();
  } finally {
    response.off('close', gone);
  }
}

function environment(
  { root, path, query, username }: BackendCall,
  { method, headers }: IncomingMessage,
): Record<string, string> {
  const optional = {
    CONTENT_TYPE: headers['content-type'],
    CONTENT_LENGTH: headers['content-length'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    GIT_PROTOCOL: headers['git-protocol'],
    REMOTE_USER: username,
  };
  const given = Object.entries(optional).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path,
    QUERY_STRING: query,
    REQUEST_METHOD: method ?? 'GET',
    REMOTE_ADDR: '127.0.0.1',
    ...Object.fromEntries(given),
  };
}

/** Splits the CGI head off, puts it on the response and hands on the body. */
async function* bodyOf(source: AsyncIterable<Buffer>, response: ServerResponse): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1 && head.length > maxHeadBytes) throw new Error('http-backend sent no head');
    if (end === -1) continue;
    writeHead(head.toString('latin1', 0, end), response);
    if (head.length > end + 4) yield head.subarray(end + 4);
    head = undefined;
  }
  if (head !== undefined) throw new Error('http-backend sent no head');
}

function writeHead(head: string, response: ServerResponse): void {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

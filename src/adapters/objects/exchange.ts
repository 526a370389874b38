import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { proxiesOf } from '../../shared/proxy-env.ts';

export interface ObjectRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly size: number; readonly open: () => Readable } | undefined;
  /** The content of a good answer is to be streamed. */
  readonly stream?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ObjectAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Empty where the content is streamed. */
  readonly text: string;
  readonly content: Readable | undefined;
}

export type Exchange = (request: ObjectRequest) => Promise<ObjectAnswer>;

export interface Trust {
  readonly verify: boolean;
  /** PEM. */
  readonly ca: string | undefined;
}

/** Without a sign of life for so long a request is given up (ms). */
const silence = 60_000;
/** A whole request with its content may take as long as this many bytes per second need, and a minute. */
const slowest = 64 * 1024;
/** A list of a thousand names of a thousand bytes each. */
const maxText = 8 * 1024 * 1024;
const maxConnections = 16;

/** HTTP whose content is never in memory as a whole. */
export function createExchange({ ca, verify }: Trust, env: NodeJS.ProcessEnv = process.env): Exchange {
  const options = { keepAlive: true, maxSockets: maxConnections, proxyEnv: proxiesOf(env) };
  const plain = new http.Agent(options);
  const secure = new https.Agent({ ...options, rejectUnauthorized: verify, ...(ca === undefined ? {} : { ca }) });
  return (request) => {
    if (request.url.startsWith('https:'))
      return send(request, (given) => https.request(request.url, { ...given, agent: secure }));
    return send(request, (given) => http.request(request.url, { ...given, agent: plain }));
  };
}

type Open = (options: { method: string; headers: Record<string, string> }) => http.ClientRequest;

async function send(request: ObjectRequest, open: Open): Promise<ObjectAnswer> {
  const { body, method, signal } = request;
  const longest = AbortSignal.timeout(silence + Math.ceil((body?.size ?? 0) / slowest) * 1000);
  const stop = signal ? AbortSignal.any([signal, longest]) : longest;
  const length = method === 'PUT' ? { 'Content-Length': String(body?.size ?? 0) } : {};
  const sent = open({ method, headers: { ...length, ...request.headers } });
  sent.setTimeout(silence, () => sent.destroy(new Error(`no sign of life within ${silence / 1000} s`)));
  const abort = () => sent.destroy(new Error(longest.aborted ? 'it took too long' : 'it was stopped'));
  stop.addEventListener('abort', abort, { once: true });
  try {
    return await read(request, await answered(sent, body));
  } finally {
    stop.removeEventListener('abort', abort);
  }
}

/** The answer may come before all was sent: then it counts, not that the connection broke. */
function answered(sent: http.ClientRequest, body: ObjectRequest['body']): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    sent.once('response', resolve);
    sent.on('error', (error) => reject(failure ?? error));
    if (body === undefined || body.size === 0) return void sent.end();
    pipeline(Readable.from(whole(body.open(), body.size), { objectMode: false }), sent).catch((error: unknown) => {
      failure = error;
      reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}

/** Content of another length than was said would make the store wait for the rest, or take it for the next request. */
async function* whole(content: Readable, size: number): AsyncGenerator<Buffer, void> {
  let sent = 0;
  for await (const part of content as AsyncIterable<Buffer>) {
    sent += part.length;
    if (sent > size) break;
    yield part;
  }
  if (sent !== size) throw new Error(`the file has not ${size} bytes any more`);
}

async function read(request: ObjectRequest, response: http.IncomingMessage): Promise<ObjectAnswer> {
  const { headers, statusCode: status = 0 } = response;
  if (request.stream && status >= 200 && status < 300) return { status, headers, text: '', content: response };
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxText) throw new Error(`the answer is larger than ${maxText} bytes`);
    parts.push(part);
  }
  return { status, headers, text: Buffer.concat(parts).toString('utf8'), content: undefined };
}

import http from 'node:http';
import https from 'node:https';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import { proxiesOf } from '../../shared/proxy-env.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
  /** False: sent on a connection of its own, where no idle close by the other side can swallow it. */
  readonly repeatable: boolean;
  /** Ends the wait for the answer, unless the request is not repeatable. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** There was no complete answer: whether the request was carried out is unknown. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly timedOut: boolean;

  constructor(message: string, timedOut: boolean, options?: ErrorOptions) {
    super(message, options);
    this.timedOut = timedOut;
  }
}

/** A page of 200 servers is about 600 kB. */
const answerLimit = 8 * 1024 * 1024;

/** HTTP with the certificates of the cloud, bounded in time and size. fetch() cannot be told which CA to trust. */
export function createTransport(
  access: Pick<CloudAccess, 'verify' | 'caCertificate' | 'apiTimeout'>,
  env: NodeJS.ProcessEnv = process.env,
): Transport {
  const tls = {
    rejectUnauthorized: access.verify,
    ...(access.caCertificate === undefined ? {} : { ca: access.caCertificate }),
  };
  const proxyEnv = proxiesOf(env);
  const kept = { keepAlive: true, proxyEnv };
  const agents = {
    http: { kept: new http.Agent(kept), fresh: new http.Agent({ proxyEnv }) },
    https: { kept: new https.Agent({ ...kept, ...tls }), fresh: new https.Agent({ proxyEnv, ...tls }) },
  };

  return (request) => {
    const isHttps = request.url.startsWith('https:');
    const agent = agents[isHttps ? 'https' : 'http'][request.repeatable ? 'kept' : 'fresh'];
    return exchange(request, { agent, open: isHttps ? https.request : http.request, limit: access.apiTimeout });
  };
}

interface Connection {
  readonly agent: http.Agent;
  readonly open: typeof http.request;
  /** Milliseconds for the whole exchange. */
  readonly limit: number;
}

function exchange(request: HttpRequest, { agent, open, limit }: Connection): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
    const since = performance.now();
    const signal = signalOf(request, limit);
    const fail = (error: Error) => {
      const waited = Math.min(limit, Math.round(performance.now() - since));
      const message = signal.aborted ? `no answer within ${waited} ms` : error.message || error.name;
      reject(new NoAnswer(message, signal.aborted, { cause: error }));
    };
    const headers = {
      Accept: 'application/json',
      ...(payload === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
      ...request.headers,
    };
    const sent = open(request.url, { method: request.method, agent, headers, signal }, (response) => {
      readText(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        fail,
      );
    });
    sent.on('error', fail);
    sent.end(payload);
  });
}

function signalOf({ repeatable, signal }: HttpRequest, limit: number): AbortSignal {
  const longest = AbortSignal.timeout(limit);
  return repeatable && signal ? AbortSignal.any([signal, longest]) : longest;
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > answerLimit) throw new Error(`the answer is larger than ${answerLimit} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

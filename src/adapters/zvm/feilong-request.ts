import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { SidegateError, errorText } from '../../domain/errors.ts';

/** Where Feilong is, and whom to trust there. */
export interface FeilongPlace {
  /** Configured name of the back end; stands in every error. */
  readonly name: string;
  readonly url: string;
  /** PEM; undefined: the authorities of this machine. */
  readonly ca?: string | undefined;
}

export interface FeilongCall {
  readonly method: string;
  /** Below the back end's url, with the query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Bytes of the answer. */
  readonly maxAnswer: number;
}

export interface FeilongAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * One request on a connection of its own: Feilong's server keeps none, and one that was kept could be closed under a request that must not be
 * sent twice. Throws `backend-unreachable` when there is no whole answer, `backend-sick` when it is too long.
 */
export async function requestFeilong(place: FeilongPlace, call: FeilongCall): Promise<FeilongAnswer> {
  const what = `${place.name}: ${call.method} ${place.url}${call.path}`;
  try {
    const answer = await send(place, call);
    const body = await readAnswer(answer, call.maxAnswer, what);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body };
  } catch (error) {
    if (error instanceof SidegateError) throw error;
    const why = call.signal.aborted ? 'no answer in time' : errorText(error);
    throw new SidegateError('backend-unreachable', `${what}: ${why}`, { cause: error });
  }
}

function send({ url, ca }: FeilongPlace, call: FeilongCall): Promise<IncomingMessage> {
  const target = new URL(url.replace(/\/+$/, '') + call.path);
  const options = {
    method: call.method,
    agent: false as const,
    signal: call.signal,
    headers: {
      'user-agent': 'sidegate-service',
      accept: 'application/json',
      ...(call.body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(call.body) }),
      ...call.headers,
    },
  };
  return new Promise((resolve, reject) => {
    const request: ClientRequest =
      target.protocol === 'https:'
        ? httpsRequest(target, { ...options, ...(ca === undefined ? {} : { ca }) })
        : httpRequest(target, options);
    request.once('response', resolve).once('error', reject).end(call.body);
  });
}

async function readAnswer(answer: IncomingMessage, max: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop destroys the connection.
    if (length > max) throw new SidegateError('backend-sick', `${what}: the answer is longer than ${max} bytes.`);
  }
  if (!answer.complete) throw new Error('the answer ended too early');
  return Buffer.concat(chunks);
}

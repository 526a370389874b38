import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { GuardCall } from '../../../../domain/guard/call.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { Guard } from '../../../../ports/guard.ts';
import { createSender } from '../../tokens.ts';
import { DeployQueue } from '../deploy-queue.ts';
import { FileLedger } from '../file-ledger.ts';
import { openGuard } from '../open-guard.ts';
import type { Listening } from '../open-guard.ts';

export interface GuardedOptions {
  readonly url: string;
  readonly prefix?: string;
  readonly worker?: string;
  readonly ledger?: FileLedger;
  readonly deploys?: DeployQueue;
  readonly token?: Secret;
  readonly ca?: string;
  readonly tls?: Listening['tls'];
}

export interface Guarded {
  readonly guard: Guard;
  readonly ledger: FileLedger;
  readonly trace: readonly GuardCall[];
  /** One call of the worker on a connection of its own, as nova makes them; `route` is `METHOD /path`. */
  readonly call: (route: string, body?: unknown) => Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: { readonly overallRC: number; readonly errmsg: string; readonly output: unknown };
}

/** A guard on loopback before whatever is at `url`. */
export async function openGuarded(options: GuardedOptions): Promise<Guarded> {
  const { prefix = 'ZA0', worker = '127.0.0.1', token, ca, tls } = options;
  const ledger = options.ledger ?? (await FileLedger.open(undefined));
  const trace: GuardCall[] = [];
  const guard = await openGuard(
    {
      lease: { name: `slot ${prefix}`, prefix, worker },
      ledger,
      trace: { add: (call) => void trace.push(call) },
      send: createSender({ name: 'feilong', url: options.url, ca }, token),
      deploys: options.deploys ?? new DeployQueue(10),
    },
    { address: '127.0.0.1', port: 0, tls },
  );
  return { guard, ledger, trace, call: (route, body) => callAt(guard.url, route, body, tls?.certificate) };
}

/** Over a new connection. */
export async function callAt(url: string, route: string, body?: unknown, ca?: string): Promise<Answered> {
  const [method = '', path = ''] = route.split(' ');
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': text.length };
  const options = { method, headers, agent: false as const };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.startsWith('https:')
      ? httpsRequest(url + path, { ...options, ca })
      : httpRequest(url + path, options);
    request.once('response', resolve).once('error', reject).end(text);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const answer = JSON.parse(Buffer.concat(chunks).toString()) as Answered['body'];
  return { status: response.statusCode ?? 0, contentType: response.headers['content-type'], body: answer };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GuardCall } from '../../../domain/guard/call.ts';
import { decideCall } from '../../../domain/guard/decide-call.ts';
import type { Decision } from '../../../domain/guard/decision.ts';
import { errorText } from '../../../domain/errors.ts';
import type { GuardTrace } from '../../../ports/guard.ts';
import { codesOf, feilongShaped, parseEnvelope } from './answer.ts';
import { forwardCall } from './forward-call.ts';
import type { ForwardContext, Outcome } from './forward-call.ts';
import { isWorker } from './is-worker.ts';
import { readBody } from './read-call.ts';

export type ServeContext = Omit<ForwardContext, 'gone'> & { readonly trace: GuardTrace };

const maxShownPath = 300;

/** One call of the worker from its last byte to the last byte of the answer. Never throws. */
export async function serveCall(context: ServeContext, request: IncomingMessage, response: ServerResponse) {
  const began = performance.now();
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the worker hung up')));
  let decision: Decision | undefined;
  let outcome: Outcome;
  try {
    decision = await decide(context, request);
    outcome =
      decision.kind === 'refuse'
        ? { answer: feilongShaped(decision.status, decision.reason), refused: decision.reason }
        : await forwardCall(decision, { ...context, gone: gone.signal });
  } catch (error) {
    // A body that broke off: there is nobody to answer.
    outcome = { answer: feilongShaped(400, errorText(error)), refused: errorText(error) };
  }
  send(response, outcome);
  context.trace.add(callOf(request, { began, decision, outcome }));
}

async function decide({ lease }: ServeContext, request: IncomingMessage): Promise<Decision> {
  if (!isWorker(request.socket.remoteAddress, lease.worker)) {
    request.resume();
    return { kind: 'refuse', status: 403, reason: `This guard is not for ${request.socket.remoteAddress}.` };
  }
  const body = await readBody(request);
  if ('wrong' in body) return { kind: 'refuse', status: 400, reason: `The body ${body.wrong}.` };
  return decideCall({ method: request.method ?? '', target: request.url ?? '', body: body.ok }, lease);
}

/** nova opens a connection for each call. */
function send(response: ServerResponse, { answer }: Outcome): void {
  if (response.destroyed) return;
  response
    .writeHead(answer.status, {
      'content-type': answer.contentType,
      'content-length': answer.body.length,
      connection: 'close',
    })
    .end(answer.body);
}

interface Served {
  readonly began: number;
  readonly decision: Decision | undefined;
  readonly outcome: Outcome;
}

function callOf(request: IncomingMessage, { began, decision, outcome }: Served): GuardCall {
  const { answer, refused, outage } = outcome;
  const forward = decision?.kind === 'forward' ? decision : undefined;
  return {
    at: new Date().toISOString(),
    ms: Math.round((performance.now() - began) * 10) / 10,
    method: (request.method ?? '').slice(0, 20),
    path: (request.url ?? '').slice(0, maxShownPath),
    action: forward?.action,
    userid: forward?.userid,
    status: answer.status,
    ...codesOf(parseEnvelope(answer)),
    refused,
    outage: outage || undefined,
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GuardCall } from '../../../domain/guard/call.ts';
import { decideCall } from '../../../domain/guard/decide-call.ts';
import type { Decision } from '../../../domain/guard/decision.ts';
import { errorText } from '../../../domain/errors.ts';
import type { GuardTrace } from '../../../ports/guard.ts';
import { codesOf, feilongShaped } from './answer.ts';
import { forwardCall } from './forward-call.ts';
import type { ForwardContext, Outcome } from './forward-call.ts';
import { readBody } from './read-call.ts';

export interface ServeContext extends Omit<ForwardContext, 'gone'> {
  readonly trace: GuardTrace;
  readonly isWorker: (remote: string | undefined) => boolean;
}

interface Served {
  readonly at: string;
  readonly began: number;
  readonly decision: Decision | undefined;
  readonly outcome: Outcome;
}

const maxShownPath = 300;

/** One call of the worker from its last byte to the last byte of the answer. Never throws. */
export async function serveCall(context: ServeContext, request: IncomingMessage, response: ServerResponse) {
  const at = new Date().toISOString();
  const began = performance.now();
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let decision: Decision | undefined;
  let outcome: Outcome;
  try {
    decision = await decide(context, request);
    outcome = await outcomeOf(decision, { ...context, gone: gone.signal });
  } catch (error) {
    // A body that broke off: there is nobody to answer.
    outcome = { answer: feilongShaped(400, errorText(error)), refused: errorText(error) };
  }
  send(response, outcome);
  context.trace.add(callOf(request, { at, began, decision, outcome }));
}

async function decide({ lease, isWorker }: ServeContext, request: IncomingMessage): Promise<Decision> {
  const remote = request.socket.remoteAddress;
  if (!isWorker(remote)) return { kind: 'refuse', status: 403, reason: `This guard is not for ${remote}.` };
  const body = await readBody(request);
  if ('wrong' in body) return { kind: 'refuse', status: 400, reason: `The body ${body.wrong}.` };
  return decideCall({ method: request.method ?? '', target: request.url ?? '', body: body.ok }, lease);
}

async function outcomeOf(decision: Decision, context: ForwardContext): Promise<Outcome> {
  if (decision.kind === 'refuse')
    return { answer: feilongShaped(decision.status, decision.reason), refused: decision.reason };
  if (!context.closing.aborted) return forwardCall(decision, context);
  // It came on a connection that was open already.
  const refused = 'The guard closes.';
  return { answer: feilongShaped(503, refused), refused };
}

/** nova opens a connection for each call. */
function send(response: ServerResponse, { answer }: Outcome): void {
  if (response.destroyed) return;
  response
    .writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': answer.body.length,
      connection: 'close',
    })
    .end(answer.body);
}

function callOf(request: IncomingMessage, { at, began, decision, outcome }: Served): GuardCall {
  const { answer, refused, outage } = outcome;
  const forward = decision?.kind === 'forward' ? decision : undefined;
  return {
    at,
    ms: Math.round((performance.now() - began) * 10) / 10,
    method: (request.method ?? '').slice(0, 20),
    path: (forward?.path ?? request.url ?? '').slice(0, maxShownPath),
    action: forward?.action,
    userid: forward?.userid,
    status: answer.status,
    ...codesOf(answer.envelope),
    refused,
    outage: outage || undefined,
  };
}

import type { Forward } from '../../../domain/guard/decision.ts';
import { SidegateError, errorText } from '../../../domain/errors.ts';
import type { GuardLedger, GuardLease } from '../../../ports/guard.ts';
import { sleep } from '../../../shared/clock.ts';
import type { SendToFeilong } from '../tokens.ts';
import { feilongShaped, readAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { filterAnswer } from './filter-answer.ts';

export interface AskContext {
  readonly lease: GuardLease;
  readonly ledger: GuardLedger;
  readonly send: SendToFeilong;
  /** The worker has hung up: what waits for its turn need not have one. */
  readonly gone: AbortSignal;
  /** The guard takes no more calls, and begins nothing that waits. */
  readonly closing: AbortSignal;
  /** Those in flight were waited for long enough. */
  readonly cut: AbortSignal;
}

export interface Asked {
  readonly answer: Answer;
  /** Feilong or its sdkserver was silent: nobody knows what became of the call. */
  readonly outage: boolean;
}

/** SMAPI's long calls may take a quarter of an hour, and nova waits for ever. */
const callTimeout = 20 * 60_000;
const maxAnswer = 16 * 1024 * 1024;
/** Until a deploy that Feilong had no place for is sent again (ms). */
const fullPause = 1000;

/** One call with the answer as the worker may see it. Never throws. */
export async function askFeilong(call: Forward, context: AskContext): Promise<Asked> {
  try {
    const raw = await sendUntilThereIsRoom(call, context);
    const own = { prefix: context.lease.prefix, image: (name: string) => context.ledger.ownsImage(name) };
    const answer = call.filter ? await filterAnswer(raw, call.filter, own) : raw;
    return { answer, outage: isOutage(raw) };
  } catch (error) {
    return { answer: feilongShaped(502, `Feilong did not answer: ${whySilent(error)}.`), outage: true };
  }
}

/** 503 of Feilong itself: it had no place for one more deploy, and has begun nothing. */
async function sendUntilThereIsRoom(call: Forward, context: AskContext): Promise<Answer> {
  const gaveUp = AbortSignal.any([context.gone, context.closing]);
  for (;;) {
    const answer = await sendOnce(call, context);
    if (!call.isDeploy || !isFull(answer) || gaveUp.aborted) return answer;
    await sleep(fullPause, gaveUp);
    if (gaveUp.aborted) return answer;
  }
}

async function sendOnce({ method, path, body }: Pick<Forward, 'method' | 'path' | 'body'>, context: AskContext) {
  const signal = AbortSignal.any([AbortSignal.timeout(callTimeout), context.cut]);
  // Whoever reads Feilong's log sees which worker it was.
  const headers = { 'user-agent': `sidegate-guard ${context.lease.prefix}` };
  const text = body && JSON.stringify(body);
  return readAnswer(await context.send({ method, path, body: text, headers, signal, maxAnswer }));
}

/**
 * An image that Feilong has and this worker did not bring: it would be used, and at last deleted, as if it were the worker's. Throws when
 * Feilong does not say.
 */
export async function asksWhoseImage(image: string, context: AskContext): Promise<'nobodys' | 'others'> {
  const { status } = await sendOnce({ method: 'GET', path: `/images?imagename=${image}`, body: undefined }, context);
  if (status === 404) return 'nobodys';
  if (status === 200) return 'others';
  throw new Error(`Feilong does not say whose the image ${image} is: HTTP ${status}.`);
}

function isFull({ status, envelope }: Answer): boolean {
  return status === 503 && envelope.overallRC === 503 && envelope['modID'] !== null;
}

/** overallRC 101: Feilong's REST half cannot reach its sdkserver. 401: it wants another token than it got. */
function isOutage(answer: Answer): boolean {
  const { status, envelope } = answer;
  return status === 401 || status === 502 || (status === 503 && !isFull(answer)) || envelope.overallRC === 101;
}

/** Without Feilong's address: workers and readers of their logs need not know it. */
function whySilent(error: unknown): string {
  if (!(error instanceof SidegateError)) return errorText(error);
  if (error.code !== 'backend-unreachable') return error.detail;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : errorText(cause);
}

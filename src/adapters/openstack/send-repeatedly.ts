import { SidegateError } from '../../domain/errors.ts';
import { sleep } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Send } from './keystone.ts';
import type { RequestRate } from './request-rate.ts';
import { TimeIsUp, untilAborted } from './time-is-up.ts';
import { NoAnswer } from './transport.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

interface SendOptions {
  readonly transport: Transport;
  readonly rate: RequestRate;
  readonly logger: Logger | undefined;
}

/** Before the second and third try, milliseconds. */
const pauses = [200, 800];
/** A service that wants a longer pause is not waited for. */
const longestRetryAfter = 30_000;
/** A service that had this long to answer is to blame, also when somebody stopped waiting (ms). */
const fairWait = 5000;

/**
 * Sends within the request rate. A repeatable request is sent again when the connection broke or the service had an error of its
 * own; any request is when the cloud asks to slow down, for then it did nothing.
 */
export function createSend({ transport, rate, logger }: SendOptions): Send {
  return async (request, call) => {
    for (const pause of pauses) {
      const result = await trySend({ transport, rate }, request, call);
      if (!isWorthRepeating(request, result)) return answerOf(result, call);
      const retryAfter = retryAfterOf(result.answer);
      if (retryAfter > longestRetryAfter) return answerOf(result, call);
      const { answer, error } = result;
      logger?.debug(
        { call, status: answer?.status, err: error?.message, retryAfter },
        'a request to the cloud is repeated',
      );
      await untilAborted(sleep(Math.max(pause, retryAfter), request.signal), request.signal, call);
    }
    return answerOf(await trySend({ transport, rate }, request, call), call);
  };
}

interface Result {
  readonly answer?: HttpAnswer;
  readonly error?: NoAnswer;
}

async function trySend(
  { transport, rate }: Omit<SendOptions, 'logger'>,
  request: HttpRequest,
  call: string,
): Promise<Result> {
  await untilAborted(rate.turn(), request.signal, call);
  const since = performance.now();
  try {
    const answer = await transport(request);
    // It means everybody, not only this request.
    if (answer.status === 429) rate.hold(Math.min(retryAfterOf(answer), longestRetryAfter));
    return { answer };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    if (request.repeatable && request.signal?.aborted && performance.now() - since < fairWait) throw new TimeIsUp(call);
    return { error };
  }
}

function isWorthRepeating({ repeatable }: HttpRequest, { answer, error }: Result): boolean {
  if (answer?.status === 429) return true;
  if (!repeatable) return false;
  return answer ? answer.status >= 500 : !error?.timedOut;
}

/** Milliseconds; the header has seconds or a date. */
function retryAfterOf(answer: HttpAnswer | undefined): number {
  const text = answer?.status === 429 || answer?.status === 503 ? answer.headers['retry-after'] : undefined;
  if (text === undefined) return 0;
  const ms = /^\d{1,9}$/u.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

function answerOf({ answer, error }: Result, call: string): HttpAnswer {
  if (answer) return answer;
  throw new SidegateError('cloud-unreachable', `${call}: ${error?.message ?? 'no answer'}`, { cause: error });
}

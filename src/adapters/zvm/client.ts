import type { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { sleep } from '../../shared/clock.ts';
import type { FeilongPlace } from './feilong-request.ts';
import { envelopeSchema } from './schema.ts';
import { createSender } from './tokens.ts';
import type { SendToFeilong } from './tokens.ts';

export interface FeilongOptions extends FeilongPlace {
  /** Its admin token, where it wants one. */
  readonly token?: Secret | undefined;
  /** Limit of one call with all its tries; milliseconds. */
  readonly timeout?: number;
}

export interface FeilongClient {
  /** Reads, with retries. Undefined when Feilong has no such path: older ones lack some. */
  find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  /** The same of an answer that comes without an envelope. */
  findBare<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  /** Reads, with retries. */
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Never tried twice: only the caller knows whether that is safe. */
  delete(path: string): Promise<void>;
  /** Likewise. */
  post(path: string, body: object): Promise<void>;
  /** Likewise. */
  put(path: string, body: object): Promise<void>;
  /** Sends it once; true when Feilong itself answers with this status, false when it succeeds. */
  isRefused(method: 'DELETE', path: string, status: number): Promise<boolean>;
}

/** Deleting a guest takes z/VM's directory manager up to a minute. */
const defaultTimeout = 90_000;
const maxAnswer = 4 * 1024 * 1024;
const pauses = [100, 400];

/** An answer that is no success: the HTTP status, and Feilong's own codes in the text. */
class Refused extends SidegateError {
  readonly status: number;
  readonly isFeilong: boolean;

  constructor(status: number, detail: string, isFeilong: boolean) {
    super(isClientError(status) ? 'backend-refused' : 'backend-sick', detail);
    this.status = status;
    this.isFeilong = isFeilong;
  }
}

export function createFeilongClient(options: FeilongOptions): FeilongClient {
  const base = options.url.replace(/\/+$/, '');
  const timeout = options.timeout ?? defaultTimeout;
  const send = createSender(options, options.token);

  const once = (method: string, path: string, signal: AbortSignal, more: Pick<Question, 'body' | 'isBare'> = {}) =>
    askOnce({ send, place: `${options.name}: ${method} ${base}${path}` }, { method, path, signal, ...more });

  async function read(path: string, isBare: boolean): Promise<unknown> {
    const signal = AbortSignal.timeout(timeout);
    for (const pause of pauses) {
      try {
        return await once('GET', path, signal, { isBare });
      } catch (error) {
        const again = error instanceof SidegateError && error.retryable && !signal.aborted;
        if (!again) throw error;
        await sleep(pause, signal);
      }
    }
    return once('GET', path, signal, { isBare });
  }

  async function get<T>(path: string, schema: z.ZodType<T>, isBare = false): Promise<T> {
    const output = schema.safeParse(await read(path, isBare));
    if (output.success) return output.data;
    throw new SidegateError(
      'backend-sick',
      `${options.name}: GET ${base}${path}: ${output.error.issues
        .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        .join('; ')
        .slice(0, 500)}`,
    );
  }

  return {
    get,
    find: (path, schema) => orNoSuchPath(get(path, schema)),
    findBare: (path, schema) => orNoSuchPath(get(path, schema, true)),
    async delete(path) {
      await once('DELETE', path, AbortSignal.timeout(timeout));
    },
    async post(path, body) {
      await once('POST', path, AbortSignal.timeout(timeout), { body });
    },
    async put(path, body) {
      await once('PUT', path, AbortSignal.timeout(timeout), { body });
    },
    async isRefused(method, path, status) {
      try {
        await once(method, path, AbortSignal.timeout(timeout));
        return false;
      } catch (error) {
        if (error instanceof Refused && error.status === status && error.isFeilong) return true;
        throw error;
      }
    },
  };
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly body?: object;
  /** A good answer has no envelope. */
  readonly isBare?: boolean;
}

/** A path Feilong does not know is answered by its web server, not by itself. */
async function orNoSuchPath<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.status === 404 && !error.isFeilong) return undefined;
    throw error;
  }
}

/** The answer's output. `place` stands in errors. */
async function askOnce(
  { send, place }: { readonly send: SendToFeilong; readonly place: string },
  { body, isBare = false, ...question }: Question,
): Promise<unknown> {
  const { status, body: bytes } = await send({ ...question, body: body && JSON.stringify(body), maxAnswer });
  const json = parseJson(bytes.toString());
  const envelope = envelopeSchema.safeParse(json);
  if (isBare && status === 200 && !envelope.success) return json;
  if (!envelope.success) throw new Refused(status, `${place}: HTTP ${status}, and the answer is not Feilong's.`, false);
  const { overallRC, rc, rs, errmsg, output } = envelope.data;
  // With sdkserver down Feilong answers HTTP 200, no guests and overallRC 101: status alone means nothing.
  if (status === 200 && overallRC === 0) return output;
  throw new Refused(
    status,
    `${place}: HTTP ${status}, overallRC ${overallRC}, rc ${rc}, rs ${rs}: ${errmsg.slice(0, 500)}${hint(status)}`,
    true,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

function hint(status: number): string {
  return status === 401 ? ' Feilong wants a token: give its admin token as `token` of the back end.' : '';
}

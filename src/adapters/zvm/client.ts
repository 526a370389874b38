import type { z } from 'zod';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { sleep } from '../../shared/clock.ts';
import { envelopeSchema } from './schema.ts';

export interface FeilongOptions {
  /** Configured name of the back end; stands in every error. */
  readonly name: string;
  /** Feilong's REST interface. */
  readonly url: string;
  /** Its admin token, where it wants one. */
  readonly token?: Secret | undefined;
  /** PEM: whom to trust, for https. */
  readonly ca?: string | undefined;
  /** Limit of one call with all its tries; milliseconds. */
  readonly timeout?: number;
}

export interface FeilongClient {
  /** Reads, with retries. Undefined when Feilong has no such path: older ones lack some. */
  find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  /** Reads, with retries. */
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Never tried twice: only the caller knows whether that is safe. */
  delete(path: string): Promise<void>;
  /** Likewise. */
  post(path: string, body: object): Promise<void>;
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

  async function once(method: string, path: string, signal: AbortSignal, body?: object): Promise<unknown> {
    const place = `${options.name}: ${method} ${base}${path}`;
    const { status, text } = await exchange(place, () =>
      fetch(base + path, {
        method,
        redirect: 'manual',
        signal,
        headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    );
    const envelope = envelopeSchema.safeParse(parseJson(text));
    if (!envelope.success)
      throw new Refused(status, `${place}: HTTP ${status}, and the answer is not Feilong's.`, false);
    const { overallRC, rc, rs, errmsg, output } = envelope.data;
    // With sdkserver down Feilong answers HTTP 200, no guests and overallRC 101: status alone means nothing.
    if (status === 200 && overallRC === 0) return output;
    throw new Refused(
      status,
      `${place}: HTTP ${status}, overallRC ${overallRC}, rc ${rc}, rs ${rs}: ${errmsg.slice(0, 500)}${hint(status)}`,
      true,
    );
  }

  async function read(path: string): Promise<unknown> {
    const signal = AbortSignal.timeout(timeout);
    for (const pause of pauses) {
      try {
        return await once('GET', path, signal);
      } catch (error) {
        const again = error instanceof SidegateError && error.retryable && !signal.aborted;
        if (!again) throw error;
        await sleep(pause, signal);
      }
    }
    return once('GET', path, signal);
  }

  async function get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const output = schema.safeParse(await read(path));
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
    async find(path, schema) {
      try {
        return await get(path, schema);
      } catch (error) {
        if (error instanceof Refused && error.status === 404 && !error.isFeilong) return undefined;
        throw error;
      }
    },
    async delete(path) {
      await once('DELETE', path, AbortSignal.timeout(timeout));
    },
    async post(path, body) {
      await once('POST', path, AbortSignal.timeout(timeout), body);
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

async function exchange(place: string, send: () => Promise<Response>): Promise<{ status: number; text: string }> {
  try {
    const response = await send();
    return { status: response.status, text: await readText(response, place) };
  } catch (error) {
    if (error instanceof SidegateError) throw error;
    throw new SidegateError('backend-unreachable', `${place}: ${causeText(error)}`, { cause: error });
  }
}

async function readText(response: Response, place: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > maxAnswer)
      throw new SidegateError('backend-sick', `${place}: the answer is longer than ${maxAnswer} bytes.`);
  }
  return Buffer.concat(chunks).toString();
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
  return status === 401
    ? " Neither sidegate nor nova's driver sends a token: run Feilong with `auth = none` and protect it by network."
    : '';
}

/** fetch hides the reason in `cause`. */
function causeText(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? errorText(error) : errorText(cause);
}

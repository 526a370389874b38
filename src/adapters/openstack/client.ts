import type { z } from 'zod';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import { SidegateError } from '../../domain/errors.ts';
import { sleep } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import { answerError } from './answer-error.ts';
import { openSession } from './keystone.ts';
import type { ServiceType, Session } from './keystone.ts';
import { parseAnswer } from './parse-answer.ts';
import { NoAnswer, createTransport } from './transport.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

interface ApiCall {
  readonly service: ServiceType;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the endpoint, with query. */
  readonly path: string;
  readonly body?: unknown;
  /** For POST that only reads, so that it may be sent again. */
  readonly repeatable?: boolean;
  /** Statuses that are answers, not errors, besides 2xx. */
  readonly accept?: readonly number[];
}

interface ApiAnswer {
  readonly status: number;
  /** Body in the wanted shape; throws when it has another. */
  read<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
}

/** One project of one cloud, logged in when needed. */
export interface Client {
  call(call: ApiCall): Promise<ApiAnswer>;
  session(): Promise<Session>;
}

/** Old enough for every supported cloud (Queens), new enough for typed keypairs and tags. */
const microversion = 'compute 2.60';
/** Before the second and third try, milliseconds. */
const pauses = [200, 800];

export function createClient(access: CloudAccess, logger: Logger | undefined): Client {
  const transport = createTransport(access);
  const send = (request: HttpRequest, call: string) => sendRepeatedly(transport, { request, call, logger });
  let opening: Promise<Session> | undefined;

  /** All callers share one login. */
  async function session(): Promise<Session> {
    opening ??= openSession(access, send);
    const current = opening;
    try {
      const opened = await current;
      if (opened.renewAt > Date.now()) return opened;
    } catch (error) {
      forget(current);
      throw error;
    }
    forget(current);
    return (opening ??= openSession(access, send));
  }

  function forget(old: Promise<Session>): void {
    if (opening === old) opening = undefined;
  }

  async function attempt(call: ApiCall, name: string): Promise<{ answer: HttpAnswer; used: Session }> {
    const used = await session();
    const compute = call.service === 'compute' ? { 'OpenStack-API-Version': microversion } : {};
    const request: HttpRequest = {
      method: call.method,
      url: `${used.endpoint(call.service)}${call.path}`,
      headers: { 'X-Auth-Token': used.token, ...compute },
      body: call.body,
      repeatable: call.repeatable ?? call.method !== 'POST',
    };
    return { answer: await send(request, name), used };
  }

  async function call(wanted: ApiCall): Promise<ApiAnswer> {
    const name = `${access.name}: ${wanted.method} ${wanted.service} ${wanted.path}`;
    let { answer, used } = await attempt(wanted, name);
    if (answer.status === 401) {
      // The token was revoked or ended early: once more with a new one.
      if ((await opening) === used) opening = undefined;
      ({ answer, used } = await attempt(wanted, name));
    }
    const { status, text } = answer;
    if ((status < 200 || status > 299) && !wanted.accept?.includes(status)) throw answerError(name, answer);
    return { status, read: (schema) => parseAnswer(schema, text, name) };
  }

  return { call, session };
}

interface Attempt {
  readonly request: HttpRequest;
  readonly call: string;
  readonly logger: Logger | undefined;
}

/** A repeatable request is sent again when the connection broke or the service had an error of its own. */
async function sendRepeatedly(transport: Transport, { request, call, logger }: Attempt): Promise<HttpAnswer> {
  for (const pause of request.repeatable ? pauses : []) {
    const { answer, error } = await trySend(transport, request);
    if (answer && answer.status < 500 && answer.status !== 429) return answer;
    if (error?.timedOut) throw unreachable(call, error);
    logger?.debug({ call, status: answer?.status, err: error?.message }, 'a request to the cloud is repeated');
    await sleep(pause);
  }
  const { answer, error } = await trySend(transport, request);
  if (answer) return answer;
  throw unreachable(call, error);
}

async function trySend(transport: Transport, request: HttpRequest): Promise<{ answer?: HttpAnswer; error?: NoAnswer }> {
  try {
    return { answer: await transport(request) };
  } catch (error) {
    if (error instanceof NoAnswer) return { error };
    throw error;
  }
}

function unreachable(call: string, error: NoAnswer | undefined): SidegateError {
  return new SidegateError('cloud-unreachable', `${call}: ${error?.message ?? 'no answer'}`, { cause: error });
}

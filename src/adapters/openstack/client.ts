import type { z } from 'zod';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import type { CloudHealth } from '../../ports/cloud.ts';
import type { Logger } from '../../shared/logger.ts';
import { answerError } from './answer-error.ts';
import { createAttempt, settle } from './attempt-service.ts';
import type { Attempt } from './attempt-service.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { ServiceType, Session } from './keystone.ts';
import { parseAnswer } from './parse-answer.ts';
import { createRequestRate } from './request-rate.ts';
import { createSend } from './send-repeatedly.ts';
import { createSessions } from './sessions.ts';
import { untilAborted } from './time-is-up.ts';
import { createTransport } from './transport.ts';
import type { HttpAnswer } from './transport.ts';
import { TokenRefused, createComputeVersion } from './versions.ts';

export interface ApiCall {
  readonly service: ServiceType;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the endpoint, with query. */
  readonly path: string;
  readonly body?: unknown;
  /** For POST that may be carried out twice, so that it may be sent again. */
  readonly repeatable?: boolean;
  /** Statuses that are answers, not errors, besides 2xx. */
  readonly accept?: readonly number[];
  /** Ends the call, unless what cannot be repeated is under way. */
  readonly signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** Body in the wanted shape; throws when it has another. */
  read<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
}

/** One project of one cloud, logged in when needed. */
export interface Client {
  call(call: ApiCall): Promise<ApiAnswer>;
  /** For requests of another kind, such as streams: `send` gets address and token, and is called again where the answer is 401. */
  readonly attempt: Attempt;
  session(): Promise<Session>;
  health(): CloudHealth;
}

export interface ClientOptions {
  /** API requests per second, at most. */
  readonly requestRate: number;
  readonly logger: Logger | undefined;
}

/** Tokens tried for one call after the first one was refused. */
const renewals = 10;

export function createClient(access: CloudAccess, { requestRate, logger }: ClientOptions): Client {
  const rate = createRequestRate(access.name, requestRate);
  const send = createSend({ transport: createTransport(access), rate, logger });
  const sessions = createSessions(access, send);
  const computeVersion = createComputeVersion(access.name, send);
  const breaker = new CircuitBreaker({ cloud: access.name, logger });

  async function attempt(call: ApiCall, name: string): Promise<{ answer: HttpAnswer; used: Session }> {
    const used = await untilAborted(sessions.current(), call.signal, name);
    try {
      const answer = await send(
        {
          method: call.method,
          url: `${used.endpoint(call.service)}${call.path}`,
          headers: {
            'X-Auth-Token': used.token,
            ...(await untilAborted(versionHeader(call.service, used), call.signal, name)),
          },
          body: call.body,
          repeatable: call.repeatable ?? call.method !== 'POST',
          signal: call.signal,
        },
        name,
      );
      return { answer, used };
    } catch (error) {
      if (error instanceof TokenRefused) return { answer: error.answer, used };
      throw error;
    }
  }

  async function versionHeader(service: ServiceType, used: Session): Promise<Readonly<Record<string, string>>> {
    if (service !== 'compute') return {};
    return { 'OpenStack-API-Version': `compute ${await computeVersion.negotiated(used)}` };
  }

  async function exchange(call: ApiCall, name: string): Promise<ApiAnswer> {
    let { answer, used } = await attempt(call, name);
    // The token was revoked or ended early: once more with a new one, which may be revoked just the same.
    for (let left = renewals; answer.status === 401 && left > 0; left -= 1) {
      if (!(await untilAborted(sessions.refused(used, call.service), call.signal, name))) break;
      ({ answer, used } = await attempt(call, name));
    }
    const { status, text } = answer;
    if (status !== 401) sessions.accepted(used, call.service);
    if (status === 406) computeVersion.forget();
    if ((status < 200 || status > 299) && !call.accept?.includes(status)) throw answerError(name, answer);
    return { status, read: (schema) => parseAnswer(schema, text, name) };
  }

  async function call(wanted: ApiCall): Promise<ApiAnswer> {
    const permit = breaker.enter(wanted.service);
    try {
      const answer = await exchange(wanted, `${access.name}: ${wanted.method} ${wanted.service} ${wanted.path}`);
      permit.succeeded();
      return answer;
    } catch (error) {
      settle(permit, error);
      throw error;
    }
  }

  const attemptOther = createAttempt({ access, breaker, rate, sessions, renewals });
  return { call, attempt: attemptOther, session: () => sessions.current(), health: () => breaker.health() };
}

import type { CloudAccess } from '../../domain/cloud-access.ts';
import { SidegateError, errorCode, errorText } from '../../domain/errors.ts';
import type { CircuitBreaker, Permit } from './circuit-breaker.ts';
import type { ServiceType } from './keystone.ts';
import { QueueFull } from './request-rate.ts';
import type { RequestRate } from './request-rate.ts';
import type { Sessions } from './sessions.ts';
import { TimeIsUp } from './time-is-up.ts';

/** Lets `send` make one request with address and token of the service. */
export type Attempt = <Answer extends { readonly status: number }>(
  service: ServiceType,
  send: (target: { readonly url: string; readonly token: string }) => Promise<Answer>,
) => Promise<Answer>;

interface AttemptParts {
  readonly access: CloudAccess;
  readonly breaker: CircuitBreaker;
  readonly rate: RequestRate;
  readonly sessions: Sessions;
  /** Tokens tried after the first one was refused. */
  readonly renewals: number;
}

export function createAttempt({ access, breaker, rate, renewals, sessions }: AttemptParts): Attempt {
  const withToken: Attempt = async (service, send) => {
    for (let left = renewals; ; left -= 1) {
      const used = await sessions.current();
      await rate.turn();
      const answer = await send({ url: used.endpoint(service), token: used.token });
      if (answer.status !== 401) sessions.accepted(used, service);
      if (answer.status !== 401 || left === 0 || !(await sessions.refused(used, service))) return answer;
    }
  };
  return async (service, send) => {
    const permit = breaker.enter(service);
    try {
      const answer = await withToken(service, send);
      if (answer.status >= 500) permit.failed(`${access.name}: ${service}: HTTP ${answer.status}`);
      else permit.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof SidegateError) settle(permit, error);
      else permit.failed(errorText(error));
      throw error;
    }
  };
}

/** A refusal is a sign of life. */
export function settle(permit: Permit, error: unknown): void {
  if (error instanceof QueueFull || error instanceof TimeIsUp) return permit.released();
  const code = errorCode(error);
  if (code === 'cloud-unreachable' || code === 'cloud-auth') permit.failed(errorText(error));
  else permit.succeeded();
}

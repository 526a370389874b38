import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

let now = 0;
let breaker: CircuitBreaker;

beforeEach(() => {
  now = 1_000_000;
  breaker = new CircuitBreaker({ cloud: 'one', logger: undefined, now: () => now });
});

function fail(service: string, times: number): void {
  for (let count = 0; count < times; count += 1) breaker.enter(service).failed(`no answer from ${service}`);
}

test('four failures in a row are passed over, as is any number with successes between them', () => {
  fail('compute', 4);
  breaker.enter('compute').succeeded();
  fail('compute', 4);

  const { state } = breaker.health();

  expect(state).toBe('closed');
});

test('five failures in a row open it, with the reason and the time of the next try', () => {
  fail('compute', 5);

  const health = breaker.health();

  expect(health).toEqual({ state: 'open', reason: 'no answer from compute', until: now + 5000 });
  expect(() => breaker.enter('network')).toThrow('one is not asked (next try in 5 s)');
});

test('good answers of another service do not hide that one is down', () => {
  for (let count = 0; count < 5; count += 1) {
    breaker.enter('network').succeeded();
    fail('compute', 1);
  }

  const { state } = breaker.health();

  expect(state).toBe('open');
});

describe('after the pause', () => {
  beforeEach(() => {
    fail('compute', 5);
    now += 5000;
  });

  test('one call tries, the others fail at once', () => {
    breaker.enter('compute');

    expect(() => breaker.enter('compute')).toThrow('one call is trying now');
    expect(breaker.health().state).toBe('half-open');
  });

  test('a success closes it, and the next pause is short again', () => {
    breaker.enter('compute').succeeded();
    const { state } = breaker.health();
    fail('compute', 5);

    expect(state).toBe('closed');
    expect(breaker.health().until).toBe(now + 5000);
  });

  test('failures make the pauses longer, up to two minutes', () => {
    const lengths = Array.from({ length: 7 }, () => {
      breaker.enter('compute').failed('still down');
      const { until = 0 } = breaker.health();
      const length = until - now;
      now = until;
      return length / 1000;
    });

    expect(lengths).toEqual([10, 20, 40, 80, 120, 120, 120]);
  });

  test('the success of another service lets calls through, and the next failure opens it for longer', () => {
    breaker.enter('network').succeeded();
    const { state } = breaker.health();
    fail('compute', 1);

    expect(state).toBe('closed');
    expect(breaker.health().until).toBe(now + 10_000);
  });

  test('a call that was not sent leaves the try to the next one', () => {
    breaker.enter('compute').released();

    breaker.enter('compute').succeeded();

    expect(breaker.health().state).toBe('closed');
  });
});

test('calls from before it opened change nothing', () => {
  const early = [breaker.enter('compute'), breaker.enter('compute')];
  fail('compute', 5);
  early[0]?.failed('late');
  early[1]?.succeeded();

  const health = breaker.health();

  expect(health).toMatchObject({ state: 'open', reason: 'no answer from compute', until: now + 5000 });
});

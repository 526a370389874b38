import { expect, test } from 'vitest';
import { workerCheck } from './is-worker.ts';

test.each([
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '::ffff:192.0.2.7', true],
  ['192.0.2.7', '192.0.2.70', false],
  ['192.0.2.7', '::ffff:192.0.2.8', false],
  ['192.0.2.7', '127.0.0.1', false],
  ['192.0.2.7', undefined, false],
  ['2001:DB8::7', '2001:db8:0:0::7', true],
  ['2001:db8::7', '2001:db8::8', false],
  ['127.0.0.1', '127.0.0.5', true],
  ['127.0.0.1', '::1', true],
  ['::1', '::ffff:127.0.0.1', true],
  ['127.0.0.1', '192.0.2.7', false],
])('for the worker %s, %s is the worker: %s', (worker, remote, expected) => {
  const is = workerCheck(worker)(remote);

  expect(is).toBe(expected);
});

test('a worker that has only a name cannot be guarded', () => {
  const attempt = () => workerCheck('worker.example.com');

  expect(attempt).toThrow('the worker worker.example.com is no IP address');
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answerError } from './answer-error.ts';

function recorded(name: string): { status: number; headers: Record<string, string>; text: string } {
  const file = new URL(`../../../test/fixtures/openstack/${name}.json`, import.meta.url);
  const { response } = JSON.parse(readFileSync(file, 'utf8')) as { response: { status: number; body: unknown } };
  const text = typeof response.body === 'string' ? response.body : JSON.stringify(response.body);
  return { status: response.status, headers: {}, text };
}

test.each([
  ['token-401-bad-password', 'cloud-auth', 'HTTP 401: The request you have made requires authentication.'],
  ['nova-401-no-token', 'cloud-auth', 'HTTP 401: The request you have made requires authentication.'],
  [
    'server-create-403-quota',
    'cloud-quota',
    'HTTP 403: Quota exceeded for cores, ram: Requested 5000, 99999999, but already used 1, 512 of 20, 51200 cores, ram',
  ],
  ['server-create-400-bad-flavor', 'cloud-refused', 'HTTP 400: Flavor nope could not be found.'],
  [
    'nova-406-microversion',
    'cloud-refused',
    'HTTP 406: Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.',
  ],
  ['neutron-404', 'cloud-refused', 'HTTP 404: Network 00000000 could not be found.'],
  ['fip-409-quota', 'cloud-quota', "HTTP 409: Quota exceeded for resources: ['floatingip']."],
  [
    'image-public-403',
    'cloud-refused',
    'HTTP 403: 403 Forbidden You are not authorized to complete publicize_image action.',
  ],
])('%s means %s', (name, code, text) => {
  const error = answerError('cloud: GET x', recorded(name));

  expect(error.code).toBe(code);
  expect(error.detail).toBe(`cloud: GET x: ${text}`);
});

test.each([
  [413, { overLimit: { code: 413, message: 'VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded.' } }],
  [
    409,
    { NeutronError: { type: 'IpAddressGenerationFailure', message: 'No more IP addresses available on network n.' } },
  ],
  [400, { NeutronError: { type: 'ExternalIpAddressExhausted', message: 'Unable to find any IP address.' } }],
])('a HTTP %i that says that there is no more means the quota', (status, body) => {
  const error = answerError('call', { status, headers: {}, text: JSON.stringify(body) });

  expect(error.code).toBe('cloud-quota');
});

test('a body that is too large is no matter of quota', () => {
  const text = '<html><body><h1>413 Request Entity Too Large</h1>Request is too large.</body></html>';

  const error = answerError('call', { status: 413, headers: {}, text });

  expect(error.code).toBe('cloud-refused');
});

test('what a service says is bounded and free of control characters', () => {
  const text = JSON.stringify({ computeFault: { code: 500, message: `\u001B[31m${'x'.repeat(5000)}` } });

  const error = answerError('call', { status: 500, headers: {}, text });

  expect(error.code).toBe('cloud-unreachable');
  expect(error.detail.length).toBeLessThan(600);
  expect(error.detail).not.toContain('\u001B');
});

test.each(['', 'null', '[1,2]', '{"a":null}', '{"a":{"message":7}}', '<b'])('a body of %j makes no trouble', (text) => {
  const error = answerError('call', { status: 502, headers: {}, text });

  expect(error.code).toBe('cloud-unreachable');
});

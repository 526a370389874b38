import http from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTransport } from './transport.ts';
import type { HttpAnswer } from './transport.ts';

/** What the proxy was asked for. */
const asked: string[] = [];
let proxy: http.Server;
let address: string;

/** Answers for any host itself; tunnels end at its own port. */
beforeEach(async () => {
  asked.length = 0;
  proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    const inner = connect((proxy.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      inner.pipe(socket).pipe(inner);
    });
    inner.on('error', () => socket.destroy());
    socket.on('error', () => inner.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

afterEach(async () => {
  const closed = new Promise((resolve) => proxy.close(resolve));
  proxy.closeAllConnections();
  await closed;
});

function get(url: string, env: NodeJS.ProcessEnv): Promise<HttpAnswer> {
  const access = { verify: true, caCertificate: undefined, apiTimeout: 5000 };
  return createTransport(access, env)({ method: 'GET', url, headers: {}, body: undefined, repeatable: true });
}

test.each(['HTTP_PROXY', 'http_proxy'])('%s is asked for the cloud', async (name) => {
  const answer = await get('http://keystone.example/v3', { [name]: address });

  expect(answer.status).toBe(200);
  expect(asked).toEqual(['GET http://keystone.example/v3']);
});

test('HTTPS_PROXY is asked for a tunnel', async () => {
  const attempt = get('https://keystone.example/v3', { HTTPS_PROXY: address });

  // What stands at its end speaks no TLS.
  await expect(attempt).rejects.toThrow();
  expect(asked).toEqual(['CONNECT keystone.example:443']);
});

test.each([
  ['in NO_PROXY', 'http://nowhere.invalid/v3', { NO_PROXY: 'a.example,nowhere.invalid' }],
  ['of this machine', 'http://127.0.0.1:1/v3', {}],
])('an address %s is asked directly', async (_name, url, env) => {
  const attempt = get(url, { HTTP_PROXY: address, ...env });

  await expect(attempt).rejects.toThrow();
  expect(asked).toEqual([]);
});

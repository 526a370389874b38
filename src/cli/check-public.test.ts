import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkPublic } from './check-public.ts';

let server: Server;
let url: string;
beforeEach(async () => {
  server = createServer((request, response) => {
    const [status, text] = answers[request.url ?? ''] ?? [404, 'nothing'];
    response.writeHead(status).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const answers: Readonly<Record<string, readonly [number, string]>> = {
  '/ci/healthz': [200, '{"ok":true,"checks":{"database":"ok"}}'],
  '/other/healthz': [200, '<html>Welcome to nginx</html>'],
  '/wiki/Ours': [200, 'Our CI'],
  '/wiki/Closed': [403, ''],
};

test.each([
  ['/ci', '/wiki/Ours', ['ok', 'ok']],
  ['/other', '/wiki/None', ['wrong', 'wrong']],
  ['/ci', '/wiki/Closed', ['ok', 'unchecked']],
  ['/ci', undefined, ['ok', 'wrong']],
] as const)('%s and %s: %o', async (own, wiki, expected) => {
  const findings = await checkPublic(url + own, wiki && url + wiki);

  expect(findings.map(({ ok, unchecked }) => (ok ? 'ok' : unchecked ? 'unchecked' : 'wrong'))).toEqual(expected);
});

test('an address that does not answer is not checked: it may only be stopped', async () => {
  server.close();
  const findings = await checkPublic(url, `${url}/wiki/Ours`);

  expect(findings.map(({ detail, unchecked }) => [unchecked, detail.includes('ECONNREFUSED')])).toEqual([
    [true, true],
    [true, true],
  ]);
});
